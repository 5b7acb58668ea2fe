/* An app on Android's BoringSSL that pins: how, SHA-256 of the genuine certificate, file of trusted CAs, host, prompt.
 *
 * It says READY, then asks once for each line "PORT PATH" through the proxy on that port of the loopback address, and
 * says OK and the status, or FAIL and why. How it checks:
 *   earlier     SSL_CTX_set_custom_verify on one context that is made before READY
 *   context     the same on a new context each time
 *   connection  SSL_set_custom_verify on each connection
 *   store       SSL_CTX_set_cert_verify_callback: the library's own check, and the pin on top of it
 *   callback    SSL_CTX_set_verify with a callback that sees each certificate of the library's check
 *   library     the library's own check alone
 * Debian packs no headers with the library: what is used is declared here. */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

typedef struct ssl_ctx_st SSL_CTX;
typedef struct ssl_st SSL;
typedef struct ssl_method_st SSL_METHOD;
typedef struct crypto_buffer_st CRYPTO_BUFFER;
typedef struct stack_st STACK;
typedef struct x509_store_ctx_st X509_STORE_CTX;
typedef struct x509_st X509;
extern const SSL_METHOD *TLS_method(void);
extern SSL_CTX *SSL_CTX_new(const SSL_METHOD *);
extern void SSL_CTX_free(SSL_CTX *);
extern int SSL_CTX_load_verify_locations(SSL_CTX *, const char *, const char *);
extern void SSL_CTX_set_verify(SSL_CTX *, int, int (*)(int, X509_STORE_CTX *));
extern void SSL_CTX_set_custom_verify(SSL_CTX *, int, int (*)(SSL *, uint8_t *));
extern void SSL_CTX_set_cert_verify_callback(SSL_CTX *, int (*)(X509_STORE_CTX *, void *), void *);
extern void SSL_set_custom_verify(SSL *, int, int (*)(SSL *, uint8_t *));
extern SSL *SSL_new(SSL_CTX *);
extern void SSL_free(SSL *);
extern int SSL_set_fd(SSL *, int);
extern int SSL_set_tlsext_host_name(SSL *, const char *);
extern int SSL_connect(SSL *);
extern int SSL_write(SSL *, const void *, int);
extern int SSL_read(SSL *, void *, int);
extern const STACK *SSL_get0_peer_certificates(const SSL *);
extern void *sk_value(const STACK *, size_t);
extern const uint8_t *CRYPTO_BUFFER_data(const CRYPTO_BUFFER *);
extern size_t CRYPTO_BUFFER_len(const CRYPTO_BUFFER *);
extern int X509_verify_cert(X509_STORE_CTX *);
extern X509 *X509_STORE_CTX_get0_cert(X509_STORE_CTX *);
extern int i2d_X509(X509 *, uint8_t **);
extern uint8_t *SHA256(const uint8_t *, size_t, uint8_t *);

enum { VERIFY_PEER = 1, VERIFY_OK = 0, VERIFY_INVALID = 1, CERTIFICATE_UNKNOWN = 46 };

static const char *how, *pin, *trusted, *host, *prompt;

static int is_pinned(const uint8_t *der, size_t length) {
  uint8_t digest[32];
  char hex[65];
  SHA256(der, length, digest);
  for (int i = 0; i < 32; i++) sprintf(hex + 2 * i, "%02x", digest[i]);
  return strcmp(hex, pin) == 0;
}

static int custom(SSL *ssl, uint8_t *alert) {
  const CRYPTO_BUFFER *leaf = sk_value(SSL_get0_peer_certificates(ssl), 0);
  *alert = CERTIFICATE_UNKNOWN;
  return is_pinned(CRYPTO_BUFFER_data(leaf), CRYPTO_BUFFER_len(leaf)) ? VERIFY_OK : VERIFY_INVALID;
}

static int store(X509_STORE_CTX *context, void *unused) {
  uint8_t der[8192], *end = der;
  (void)unused;
  if (X509_verify_cert(context) != 1) return 0;
  int length = i2d_X509(X509_STORE_CTX_get0_cert(context), &end);
  return length > 0 && is_pinned(der, length);
}

static int callback(int accepted, X509_STORE_CTX *context) {
  uint8_t der[8192], *end = der;
  int length = i2d_X509(X509_STORE_CTX_get0_cert(context), &end);
  return accepted && length > 0 && is_pinned(der, length);
}

static SSL_CTX *made(void) {
  SSL_CTX *context = SSL_CTX_new(TLS_method());
  SSL_CTX_load_verify_locations(context, trusted, NULL);
  SSL_CTX_set_verify(context, VERIFY_PEER, strcmp(how, "callback") ? NULL : callback);
  if (!strcmp(how, "earlier") || !strcmp(how, "context")) SSL_CTX_set_custom_verify(context, VERIFY_PEER, custom);
  if (!strcmp(how, "store")) SSL_CTX_set_cert_verify_callback(context, store, NULL);
  return context;
}

static int through(int port) {
  char line[512] = "";
  int fd = socket(AF_INET, SOCK_STREAM, 0), length = 0;
  struct sockaddr_in to = {.sin_family = AF_INET, .sin_port = htons(port), .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
  if (connect(fd, (void *)&to, sizeof to)) return -1;
  int asked = sprintf(line, "CONNECT %s:443 HTTP/1.1\r\nHost: %s:443\r\n\r\n", host, host);
  if (write(fd, line, asked) != asked) return -1;
  while (length < 511 && (length < 4 || memcmp(line + length - 4, "\r\n\r\n", 4)))
    if (read(fd, line + length, 1) != 1) return -1; else length++;
  return fd;
}

/* Whether this is a response with all that its Content-Length promises. */
static int whole(char *text, int length) {
  text[length] = 0;
  const char *end = strstr(text, "\r\n\r\n"), *promised = strcasestr(text, "content-length:");
  return end && promised && promised < end && length >= end + 4 - text + atoi(promised + 15);
}

static void ask(SSL_CTX *context, int port, const char *path) {
  char text[2048];
  int fd = through(port), length;
  SSL *ssl = SSL_new(context);
  if (!strcmp(how, "connection")) SSL_set_custom_verify(ssl, VERIFY_PEER, custom);
  SSL_set_tlsext_host_name(ssl, host);
  SSL_set_fd(ssl, fd);
  if (SSL_connect(ssl) != 1) {
    puts("FAIL handshake");
  } else {
    length = snprintf(text, sizeof text, "POST %s HTTP/1.1\r\nHost: %s\r\nContent-Length: %zu\r\n\r\n%s", path, host,
                      strlen(prompt), prompt);
    SSL_write(ssl, text, length);
    for (int more = length = 0; !whole(text, length); length += more) {
      more = SSL_read(ssl, text + length, sizeof text - 1 - length);
      if (more <= 0) break;
    }
    if (whole(text, length)) printf("OK %.3s\n", text + 9); else puts("FAIL no answer");
  }
  SSL_free(ssl);
  close(fd);
}

int main(int count, char **words) {
  char line[256], path[200];
  int port;
  if (count != 6) return 2;
  how = words[1], pin = words[2], trusted = words[3], host = words[4], prompt = words[5];
  SSL_CTX *one = made();
  puts("READY");
  fflush(stdout);
  while (fgets(line, sizeof line, stdin) && sscanf(line, "%d %199s", &port, path) == 2) {
    SSL_CTX *context = strcmp(how, "earlier") ? made() : one;
    ask(context, port, path);
    if (context != one) SSL_CTX_free(context);
    fflush(stdout);
  }
  return 0;
}
