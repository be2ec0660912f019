#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "local/balancer/data_plane.hpp"
#include "util/fd.hpp"

namespace local::balancer {

// What a TLS connection is made from; shared by the threads that use it.
class TlsContext {
 public:
  struct Impl;

  // For listeners: the certificate is chosen by the name that the client asks for. Null when a
  // certificate or key cannot be read or there is none.
  static std::shared_ptr<const TlsContext> for_server(
      const std::vector<std::shared_ptr<const KeyPair>>& certificates,
      bool tls13_only);
  // For targets, whose certificates a load balancer does not check.
  static std::shared_ptr<const TlsContext> for_targets();

  explicit TlsContext(std::unique_ptr<Impl> impl);
  TlsContext(const TlsContext&) = delete;
  TlsContext& operator=(const TlsContext&) = delete;
  ~TlsContext();

  [[nodiscard]] const Impl& impl() const { return *impl_; }

 private:
  std::unique_ptr<Impl> impl_;
};

// A connected non-blocking socket, plain or with TLS.
class Stream {
 public:
  enum class Status : std::uint8_t {
    done,    // `size` bytes
    wait,    // nothing now; see wants_write()
    ended,   // the peer will send nothing more
    broken,  // it is over
  };

  struct Moved {
    Status status = Status::done;
    std::size_t size = 0;
  };

  explicit Stream(util::Fd fd);
  ~Stream();
  Stream(const Stream&) = delete;
  Stream& operator=(const Stream&) = delete;

  // From here on TLS: call handshake() until it is done.
  void accept_tls(std::shared_ptr<const TlsContext> context);
  void connect_tls(std::shared_ptr<const TlsContext> context);

  [[nodiscard]] bool is_tls() const { return tls_ != nullptr; }

  Status handshake();

  // The last call waits for the socket to be writable, though it was no write.
  [[nodiscard]] bool wants_write() const { return wants_write_; }

  Moved read(char* data, std::size_t size);
  // Takes as much as the socket does.
  Moved write(std::string_view data);
  // The peer is told that nothing more comes.
  void end_writing();
  // The socket's next close is a reset: the peer must not take what it got for the whole.
  void reset_on_close() const;

  [[nodiscard]] int fd() const { return fd_.get(); }

  // "TLSv1.3" and the cipher's name; empty without TLS.
  [[nodiscard]] std::string tls_version() const;
  [[nodiscard]] std::string tls_cipher() const;

 private:
  struct Tls;
  Moved tls_outcome(int result, std::size_t size);

  util::Fd fd_;
  std::unique_ptr<Tls> tls_;
  bool wants_write_ = false;
};

}  // namespace local::balancer
