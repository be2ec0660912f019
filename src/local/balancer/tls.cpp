#include "local/balancer/tls.hpp"

#include <cerrno>
#include <limits>
#include <utility>

#include <sys/socket.h>

#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>

#include "util/release.hpp"

namespace local::balancer {

namespace {

using Context = std::unique_ptr<SSL_CTX, util::Release<SSL_CTX_free>>;
using Bio = std::unique_ptr<BIO, util::Release<BIO_free>>;
using X509Ptr = std::unique_ptr<X509, util::Release<X509_free>>;
using KeyPtr = std::unique_ptr<EVP_PKEY, util::Release<EVP_PKEY_free>>;

Bio memory(const std::string& text) {
  return Bio(BIO_new_mem_buf(text.data(), static_cast<int>(text.size())));
}

Context new_context(const SSL_METHOD* method) {
  Context context(SSL_CTX_new(method));
  SSL_CTX_set_min_proto_version(context.get(), TLS1_2_VERSION);
  SSL_CTX_set_mode(context.get(),
                   SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER |
                       SSL_MODE_RELEASE_BUFFERS);
  SSL_CTX_set_options(context.get(), SSL_OP_NO_RENEGOTIATION | SSL_OP_IGNORE_UNEXPECTED_EOF);
  return context;
}

// HTTP/2 is not spoken here, so a client that can do both is told to use HTTP/1.1.
int choose_protocol(SSL* /*ssl*/,
                    const unsigned char** out,
                    unsigned char* out_size,
                    const unsigned char* in,
                    unsigned in_size,
                    void* /*argument*/) {
  static constexpr unsigned char kHttp11[] = {8, 'h', 't', 't', 'p', '/', '1', '.', '1'};
  unsigned char* chosen = nullptr;
  if (SSL_select_next_proto(&chosen, out_size, kHttp11, sizeof kHttp11, in, in_size) !=
      OPENSSL_NPN_NEGOTIATED) {
    return SSL_TLSEXT_ERR_NOACK;
  }
  *out = chosen;
  return SSL_TLSEXT_ERR_OK;
}

bool use_key_pair(SSL_CTX* context, const KeyPair& pair) {
  const Bio chain = memory(pair.chain);
  const X509Ptr leaf(PEM_read_bio_X509(chain.get(), nullptr, nullptr, nullptr));
  const Bio key_text = memory(pair.key);
  const KeyPtr key(PEM_read_bio_PrivateKey(key_text.get(), nullptr, nullptr, nullptr));
  if (!leaf || !key || SSL_CTX_use_certificate(context, leaf.get()) != 1 ||
      SSL_CTX_use_PrivateKey(context, key.get()) != 1 || SSL_CTX_check_private_key(context) != 1) {
    ERR_clear_error();
    return false;
  }
  while (X509* next = PEM_read_bio_X509(chain.get(), nullptr, nullptr, nullptr)) {
    SSL_CTX_add0_chain_cert(context, next);
  }
  ERR_clear_error();  // the end of the text
  return true;
}

}  // namespace

struct TlsContext::Impl {
  std::vector<Context> contexts;  // one for each certificate; the first one is the default
};

namespace {

// The context whose certificate is for the name the client asks for.
int choose_certificate(SSL* ssl, int* /*alert*/, void* argument) {
  const auto* impl = static_cast<const TlsContext::Impl*>(argument);
  const char* name = SSL_get_servername(ssl, TLSEXT_NAMETYPE_host_name);
  if (name == nullptr) {
    return SSL_TLSEXT_ERR_NOACK;
  }
  for (const Context& context : impl->contexts) {
    X509* leaf = SSL_CTX_get0_certificate(context.get());
    if (X509_check_host(leaf, name, 0, 0, nullptr) == 1) {
      SSL_set_SSL_CTX(ssl, context.get());
      return SSL_TLSEXT_ERR_OK;
    }
  }
  return SSL_TLSEXT_ERR_NOACK;
}

}  // namespace

TlsContext::TlsContext(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}

TlsContext::~TlsContext() = default;

std::shared_ptr<const TlsContext> TlsContext::for_server(
    const std::vector<std::shared_ptr<const KeyPair>>& certificates,
    bool tls13_only) {
  auto impl = std::make_unique<Impl>();
  for (const auto& pair : certificates) {
    Context context = new_context(TLS_server_method());
    if (tls13_only) {
      SSL_CTX_set_min_proto_version(context.get(), TLS1_3_VERSION);
    }
    if (!use_key_pair(context.get(), *pair)) {
      return nullptr;
    }
    SSL_CTX_set_alpn_select_cb(context.get(), choose_protocol, nullptr);
    // Each name has a context of its own, so sessions must not wander between them.
    SSL_CTX_set_session_cache_mode(context.get(), SSL_SESS_CACHE_OFF);
    SSL_CTX_set_options(context.get(), SSL_OP_NO_TICKET);
    impl->contexts.push_back(std::move(context));
  }
  if (impl->contexts.empty()) {
    return nullptr;
  }
  SSL_CTX_callback_ctrl(impl->contexts.front().get(),
                        SSL_CTRL_SET_TLSEXT_SERVERNAME_CB,
                        reinterpret_cast<void (*)()>(&choose_certificate));
  SSL_CTX_set_tlsext_servername_arg(impl->contexts.front().get(), impl.get());
  return std::make_shared<const TlsContext>(std::move(impl));
}

std::shared_ptr<const TlsContext> TlsContext::for_targets() {
  auto impl = std::make_unique<Impl>();
  impl->contexts.push_back(new_context(TLS_client_method()));
  SSL_CTX_set_verify(impl->contexts.front().get(), SSL_VERIFY_NONE, nullptr);
  return std::make_shared<const TlsContext>(std::move(impl));
}

struct Stream::Tls {
  explicit Tls(std::shared_ptr<const TlsContext> shared)
      : context(std::move(shared)), ssl(SSL_new(context->impl().contexts.front().get())) {}

  std::shared_ptr<const TlsContext> context;  // its callbacks may still be called
  std::unique_ptr<SSL, util::Release<SSL_free>> ssl;
};

Stream::Stream(util::Fd fd) : fd_(std::move(fd)) {}

Stream::~Stream() = default;

void Stream::accept_tls(std::shared_ptr<const TlsContext> context) {
  tls_ = std::make_unique<Tls>(std::move(context));
  SSL_set_fd(tls_->ssl.get(), fd_.get());
  SSL_set_accept_state(tls_->ssl.get());
}

void Stream::connect_tls(std::shared_ptr<const TlsContext> context) {
  tls_ = std::make_unique<Tls>(std::move(context));
  SSL_set_fd(tls_->ssl.get(), fd_.get());
  SSL_set_connect_state(tls_->ssl.get());
}

Stream::Moved Stream::tls_outcome(int result, std::size_t size) {
  wants_write_ = false;
  if (result == 1) {
    return {Status::done, size};
  }
  const int error = SSL_get_error(tls_->ssl.get(), result);
  ERR_clear_error();
  switch (error) {
    case SSL_ERROR_WANT_READ: return {Status::wait, 0};
    case SSL_ERROR_WANT_WRITE: wants_write_ = true; return {Status::wait, 0};
    case SSL_ERROR_ZERO_RETURN: return {Status::ended, 0};
    default: return {Status::broken, 0};
  }
}

Stream::Status Stream::handshake() {
  if (!tls_) {
    return Status::done;
  }
  ERR_clear_error();
  return tls_outcome(SSL_do_handshake(tls_->ssl.get()), 0).status;
}

Stream::Moved Stream::read(char* data, std::size_t size) {
  if (tls_) {
    std::size_t got = 0;
    ERR_clear_error();
    const int result = SSL_read_ex(tls_->ssl.get(), data, size, &got);
    return tls_outcome(result, got);
  }
  const ssize_t got = ::recv(fd_.get(), data, size, 0);
  if (got > 0) {
    return {Status::done, static_cast<std::size_t>(got)};
  }
  if (got == 0) {
    return {Status::ended, 0};
  }
  return {errno == EAGAIN || errno == EINTR ? Status::wait : Status::broken, 0};
}

Stream::Moved Stream::write(std::string_view data) {
  if (!tls_) {
    const ssize_t sent = ::send(fd_.get(), data.data(), data.size(), MSG_NOSIGNAL);
    if (sent >= 0) {
      return {Status::done, static_cast<std::size_t>(sent)};
    }
    return {errno == EAGAIN || errno == EINTR ? Status::wait : Status::broken, 0};
  }
  std::size_t total = 0;
  while (total < data.size()) {
    std::size_t sent = 0;
    ERR_clear_error();
    const int result =
        SSL_write_ex(tls_->ssl.get(), data.data() + total, data.size() - total, &sent);
    const Moved moved = tls_outcome(result, sent);
    if (moved.status == Status::wait) {
      wants_write_ = false;  // whoever has bytes left waits for room anyway
      return total > 0 ? Moved{Status::done, total} : moved;
    }
    if (moved.status != Status::done) {
      return {Status::broken, 0};
    }
    total += sent;
  }
  return {Status::done, total};
}

void Stream::end_writing() {
  if (tls_) {
    ERR_clear_error();
    SSL_shutdown(tls_->ssl.get());
    ERR_clear_error();
  }
  ::shutdown(fd_.get(), SHUT_WR);
}

void Stream::reset_on_close() const {
  const linger now{1, 0};
  ::setsockopt(fd_.get(), SOL_SOCKET, SO_LINGER, &now, sizeof now);
}

std::string Stream::tls_version() const {
  return tls_ ? SSL_get_version(tls_->ssl.get()) : "";
}

std::string Stream::tls_cipher() const {
  return tls_ ? SSL_get_cipher_name(tls_->ssl.get()) : "";
}

}  // namespace local::balancer
