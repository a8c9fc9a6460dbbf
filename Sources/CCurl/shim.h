#pragma once
#include <curl/curl.h>
// libcurl converts names of hosts by the locale; this converts them from UTF-8.
#include <idn2.h>

#if LIBCURL_VERSION_NUM < 0x075700
#error "libcurl 7.87 or newer is needed (CURLOPT_QUICK_EXIT, CURLOPT_PREREQFUNCTION)."
#endif

#pragma clang assume_nonnull begin

// curl_easy_setopt, curl_easy_getinfo and curl_multi_setopt are variadic, which Swift does not
// import. One function a type keeps the compiler's check of each argument.

static inline CURLcode swapline_set_long(CURL *easy, CURLoption option, long value) {
  return curl_easy_setopt(easy, option, value);
}

static inline CURLcode swapline_set_offset(CURL *easy, CURLoption option, curl_off_t value) {
  return curl_easy_setopt(easy, option, value);
}

// libcurl copies the text.
static inline CURLcode swapline_set_text(CURL *easy, CURLoption option, const char *value) {
  return curl_easy_setopt(easy, option, value);
}

static inline CURLcode swapline_set_pointer(CURL *easy, CURLoption option, void *value) {
  return curl_easy_setopt(easy, option, value);
}

static inline CURLcode swapline_set_form(CURL *easy, curl_mime *form) {
  return curl_easy_setopt(easy, CURLOPT_MIMEPOST, form);
}

static inline CURLcode swapline_set_headers(CURL *easy, struct curl_slist *list) {
  return curl_easy_setopt(easy, CURLOPT_HTTPHEADER, list);
}

// Callbacks take their exact type, so that a wrong signature does not compile.

static inline CURLcode swapline_on_body(CURL *easy, curl_write_callback call, void *context) {
  CURLcode code = curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, call);
  return code ? code : curl_easy_setopt(easy, CURLOPT_WRITEDATA, context);
}

static inline CURLcode swapline_on_header(CURL *easy, curl_write_callback call, void *context) {
  CURLcode code = curl_easy_setopt(easy, CURLOPT_HEADERFUNCTION, call);
  return code ? code : curl_easy_setopt(easy, CURLOPT_HEADERDATA, context);
}

static inline CURLcode swapline_on_read(CURL *easy, curl_read_callback call, void *context) {
  CURLcode code = curl_easy_setopt(easy, CURLOPT_READFUNCTION, call);
  return code ? code : curl_easy_setopt(easy, CURLOPT_READDATA, context);
}

static inline CURLcode swapline_on_seek(CURL *easy, curl_seek_callback call, void *context) {
  CURLcode code = curl_easy_setopt(easy, CURLOPT_SEEKFUNCTION, call);
  return code ? code : curl_easy_setopt(easy, CURLOPT_SEEKDATA, context);
}

static inline CURLcode swapline_on_open_socket(
    CURL *easy, curl_opensocket_callback call, void *context) {
  CURLcode code = curl_easy_setopt(easy, CURLOPT_OPENSOCKETFUNCTION, call);
  return code ? code : curl_easy_setopt(easy, CURLOPT_OPENSOCKETDATA, context);
}

static inline CURLcode swapline_on_request(
    CURL *easy, curl_prereq_callback call, void *context) {
  CURLcode code = curl_easy_setopt(easy, CURLOPT_PREREQFUNCTION, call);
  return code ? code : curl_easy_setopt(easy, CURLOPT_PREREQDATA, context);
}

static inline void *_Nullable swapline_get_private(CURL *easy) {
  char *value = NULL;
  curl_easy_getinfo(easy, CURLINFO_PRIVATE, &value);
  return value;
}

static inline const char *_Nullable swapline_get_redirect(CURL *easy) {
  char *value = NULL;
  curl_easy_getinfo(easy, CURLINFO_REDIRECT_URL, &value);
  return value;
}

// The message is a union, which Swift imports without the safety of knowing which arm counts.
// Gives the finished handle and its result, NULL when there is none.
static inline CURL *_Nullable swapline_next_finished(CURLM *multi, CURLcode *result) {
  int waiting = 0;
  CURLMsg *_Nullable message;
  while ((message = curl_multi_info_read(multi, &waiting))) {
    if (message->msg == CURLMSG_DONE) {
      *result = message->data.result;
      return message->easy_handle;
    }
  }
  return NULL;
}

// A macro over macros: not imported.
static inline CURLcode swapline_global_init(void) {
  return curl_global_init(CURL_GLOBAL_ALL);
}

#pragma clang assume_nonnull end
