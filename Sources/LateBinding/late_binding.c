#define _GNU_SOURCE
#include "late_binding.h"

#ifdef SWAPLINE_BINDS_LATE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

/// A descriptor to give up for a library's file, which is opened while a program may have no other left.
static atomic_int spare = -1;

__attribute__((constructor)) static void keep_spare(void) {
  if (atomic_load(&spare) >= 0) return;
  int first = open("/dev/null", O_RDONLY | O_CLOEXEC), none = -1;
  if (first < 0) return;
  // Not in the place of a standard stream that is closed, which the program looks after.
  int descriptor = fcntl(first, F_DUPFD_CLOEXEC, STDERR_FILENO + 1);
  close(first);
  if (descriptor >= 0 && !atomic_compare_exchange_strong(&spare, &none, descriptor)) close(descriptor);
}

static int is_short_of_descriptors(const char *reason) {
  return strstr(reason, strerror(EMFILE)) || strstr(reason, strerror(ENFILE));
}

/// Ends the program as the dynamic linker would have ended it at its start.
static _Noreturn void give_up(const char *reason) {
  dprintf(STDERR_FILENO, "swapline: %s\n", reason);
  _exit(127);
}

static void *load(const char *soname) {
  // Descriptors come and go: where all of them are in use, it tries again for half a minute.
  for (int pause = 0;; pause++) {
    void *handle = dlopen(soname, RTLD_LAZY | RTLD_LOCAL);
    if (handle) {
      keep_spare();
      return handle;
    }
    const char *reason = dlerror();
    if (pause == 3000 || !is_short_of_descriptors(reason)) give_up(reason);
    int descriptor = atomic_exchange(&spare, -1);
    if (descriptor >= 0) close(descriptor);
    else usleep(10000);
  }
}

/// The address of the slot's function, which is written there for the calls to come.
__attribute__((visibility("hidden"), used)) void *swapline_address(struct swapline_slot *slot) {
  void *handle = atomic_load(&slot->library->handle);
  if (!handle) {
    // Asked for twice at once, it is loaded once.
    handle = load(slot->library->soname);
    atomic_store(&slot->library->handle, handle);
  }
  void *target = dlsym(handle, slot->name);
  if (!target) give_up(dlerror());
  atomic_store(&slot->target, target);
  return target;
}

// What carries arguments is kept around the search: six registers, the count of vector registers of variadic
// functions in al, the static chain, eight vector registers (System V ABI for AMD64, 3.2.3). The slot comes in r11.
__asm__(
    ".text\n"
    ".globl swapline_bind\n"
    ".hidden swapline_bind\n"
    ".type swapline_bind, @function\n"
    "swapline_bind:\n"
    "  pushq %rdi\n  pushq %rsi\n  pushq %rdx\n  pushq %rcx\n  pushq %r8\n  pushq %r9\n  pushq %rax\n"
    "  subq $144, %rsp\n"
    "  movups %xmm0, (%rsp)\n    movups %xmm1, 16(%rsp)\n  movups %xmm2, 32(%rsp)\n"
    "  movups %xmm3, 48(%rsp)\n  movups %xmm4, 64(%rsp)\n  movups %xmm5, 80(%rsp)\n"
    "  movups %xmm6, 96(%rsp)\n  movups %xmm7, 112(%rsp)\n"
    "  movq %r10, 128(%rsp)\n"
    "  movq %r11, %rdi\n"
    "  call swapline_address\n"
    "  movq %rax, %r11\n"
    "  movq 128(%rsp), %r10\n"
    "  movups (%rsp), %xmm0\n    movups 16(%rsp), %xmm1\n  movups 32(%rsp), %xmm2\n"
    "  movups 48(%rsp), %xmm3\n  movups 64(%rsp), %xmm4\n  movups 80(%rsp), %xmm5\n"
    "  movups 96(%rsp), %xmm6\n  movups 112(%rsp), %xmm7\n"
    "  addq $144, %rsp\n"
    "  popq %rax\n  popq %r9\n  popq %r8\n  popq %rcx\n  popq %rdx\n  popq %rsi\n  popq %rdi\n"
    "  jmp *%r11\n"
    ".size swapline_bind, . - swapline_bind\n");

// An option for the linker ahead of the libraries, as Swift's objects carry them: a library of which no function is
// asked for any more is not loaded at the start.
__asm__(
    ".section .swift1_autolink_entries, \"\", @progbits\n"
    ".asciz \"-Wl,--as-needed\"\n"
    ".text\n");
#endif
