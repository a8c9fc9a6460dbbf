// Libraries that are loaded when a function of theirs is first called. docs/decisions/late-libraries.md says why.
//
// SYMBOL(library, name) makes a function `name` that jumps through a slot. The slot leads at first to a binder,
// which loads the library, looks the function up and writes its address there: what the dynamic linker does for
// functions that it binds lazily, with the library's loading put off as well. The linker, which finds the functions
// here, leaves the library out of the program's own.
#ifndef SWAPLINE_LATE_BINDING_H
#define SWAPLINE_LATE_BINDING_H

// Elsewhere libraries are loaded at the program's start as usual.
#if defined(__x86_64__) && defined(__linux__)
#define SWAPLINE_BINDS_LATE 1

#define SWAPLINE_TEXT_OF(x) #x
#define SWAPLINE_TEXT(x) SWAPLINE_TEXT_OF(x)

/// A library by its name for the dynamic linker; the handle is nil until it is loaded. Functions are looked for in
/// the libraries that it depends on too.
struct swapline_library {
  const char *soname;
  _Atomic(void *) handle;
};

/// Where a function is, or who finds it; the function's name, and which library has it.
struct swapline_slot {
  _Atomic(void *) target;
  const char *name;
  struct swapline_library *library;
};

// Hidden, so that the libraries themselves call one another and not these.
#define SYMBOL(library, function)                                           \
  extern char swapline_bind_##function[];                                   \
  __attribute__((visibility("hidden"), used)) struct swapline_slot          \
      swapline_slot_##function = {swapline_bind_##function, #function, &library}; \
  __asm__(                                                                  \
      ".text\n"                                                             \
      ".globl " #function "\n"                                              \
      ".hidden " #function "\n"                                             \
      ".type " #function ", @function\n" #function ":\n"                    \
      "  jmpq *swapline_slot_" #function "(%rip)\n"                         \
      ".size " #function ", . - " #function "\n"                            \
      ".globl swapline_bind_" #function "\n"                                \
      ".hidden swapline_bind_" #function "\n"                               \
      "swapline_bind_" #function ":\n"                                      \
      "  leaq swapline_slot_" #function "(%rip), %r11\n"                    \
      "  jmp swapline_bind\n");

#endif
#endif
