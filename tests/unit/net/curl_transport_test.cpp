#include "net/curl_transport.hpp"

#include <atomic>
#include <cstdio>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include <sys/socket.h>
#include <unistd.h>

#include <doctest/doctest.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>

#include "net/client_transport.hpp"
#include "net/socket.hpp"
#include "support/temp_dir.hpp"

namespace {

using Kind = net::TransportError::Kind;
using namespace std::chrono_literals;

template <auto Free>
struct Freed {
  template <class T>
  void operator()(T* pointer) const {
    Free(pointer);
  }
};

struct TlsIdentity {
  std::unique_ptr<EVP_PKEY, Freed<EVP_PKEY_free>> key;
  std::unique_ptr<X509, Freed<X509_free>> certificate;

  // A certificate for 127.0.0.1 that only itself vouches for.
  TlsIdentity() : key(EVP_EC_gen("P-256")), certificate(X509_new()) {
    X509* x = certificate.get();
    X509_set_version(x, 2);
    ASN1_INTEGER_set(X509_get_serialNumber(x), 1);
    X509_gmtime_adj(X509_getm_notBefore(x), -3600);
    X509_gmtime_adj(X509_getm_notAfter(x), 3600);
    X509_set_pubkey(x, key.get());
    X509_NAME* name = X509_get_subject_name(x);
    X509_NAME_add_entry_by_txt(
        name, "CN", MBSTRING_ASC, reinterpret_cast<const unsigned char*>("127.0.0.1"), -1, -1, 0);
    X509_set_issuer_name(x, name);
    for (const auto& [nid, value] : {std::pair{NID_subject_alt_name, "IP:127.0.0.1"},
                                     std::pair{NID_basic_constraints, "CA:TRUE"}}) {
      X509_EXTENSION* extension = X509V3_EXT_conf_nid(nullptr, nullptr, nid, value);
      X509_add_ext(x, extension, -1);
      X509_EXTENSION_free(extension);
    }
    X509_sign(x, key.get(), EVP_sha256());
  }

  void write_certificate(const std::string& path) const {
    FILE* file = std::fopen(path.c_str(), "w");
    REQUIRE(file != nullptr);
    PEM_write_X509(file, certificate.get());
    std::fclose(file);
  }
};

// A blocking server on a free port of this machine. `answer` gets the request and returns the bytes
// to send; an empty answer closes the connection, "hang" sends nothing. Connections are served one
// after the other.
class AnsweringServer {
 public:
  explicit AnsweringServer(std::function<std::string(const std::string&)> answer,
                           const TlsIdentity* identity = nullptr)
      : answer_(std::move(answer)), listener_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    const auto address = *net::SocketAddress::ip("127.0.0.1", 0);
    REQUIRE(::bind(listener_.get(), address.data(), address.size()) == 0);
    REQUIRE(::listen(listener_.get(), 16) == 0);
    port_ = net::SocketAddress::local_of(listener_.get()).port();
    if (identity != nullptr) {
      context_.reset(SSL_CTX_new(TLS_server_method()));
      SSL_CTX_use_certificate(context_.get(), identity->certificate.get());
      SSL_CTX_use_PrivateKey(context_.get(), identity->key.get());
    }
    thread_ = std::thread([this] { serve(); });
  }

  AnsweringServer(const AnsweringServer&) = delete;
  AnsweringServer& operator=(const AnsweringServer&) = delete;

  ~AnsweringServer() {
    ::shutdown(listener_.get(), SHUT_RDWR);
    if (const int open = open_connection_; open >= 0) {
      ::shutdown(open, SHUT_RDWR);
    }
    thread_.join();
  }

  [[nodiscard]] std::string url(const std::string& path) const {
    return (context_ ? "https://127.0.0.1:" : "http://127.0.0.1:") + std::to_string(port_) + path;
  }

  std::string request(std::size_t index) {
    const std::lock_guard lock(mutex_);
    return requests_.at(index);
  }

  std::atomic<int> connections = 0;

 private:
  void serve() {
    while (true) {
      const util::Fd connection(::accept(listener_.get(), nullptr, nullptr));
      if (!connection) {
        return;
      }
      ++connections;
      open_connection_ = connection.get();
      std::unique_ptr<SSL, Freed<SSL_free>> tls;
      if (context_) {
        tls.reset(SSL_new(context_.get()));
        SSL_set_fd(tls.get(), connection.get());
        if (SSL_accept(tls.get()) != 1) {
          open_connection_ = -1;
          continue;
        }
      }
      converse(connection.get(), tls.get());
      open_connection_ = -1;
    }
  }

  void converse(int fd, SSL* tls) {
    std::string request;
    std::vector<char> buffer(65'536);
    while (true) {
      const auto size = static_cast<int>(buffer.size());
      const long got = tls != nullptr ? SSL_read(tls, buffer.data(), size)
                                      : ::recv(fd, buffer.data(), buffer.size(), 0);
      if (got <= 0) {
        return;
      }
      request.append(buffer.data(), static_cast<std::size_t>(got));
      const std::size_t head = request.find("\r\n\r\n");
      const std::size_t length = request.find("Content-Length: ");
      const std::size_t body =
          length == std::string::npos ? 0 : std::stoul(request.substr(length + 16));
      if (head == std::string::npos || request.size() < head + 4 + body) {
        continue;
      }
      {
        const std::lock_guard lock(mutex_);
        requests_.push_back(request);
      }
      const std::string text = answer_(request);
      request.clear();
      if (text == "hang") {
        continue;
      }
      if (text.empty()) {
        return;
      }
      tls != nullptr ? SSL_write(tls, text.data(), static_cast<int>(text.size()))
                     : ::send(fd, text.data(), text.size(), MSG_NOSIGNAL);
      if (text.find("Connection: close") != std::string::npos) {
        return;
      }
    }
  }

  std::function<std::string(const std::string&)> answer_;
  util::Fd listener_;
  std::uint16_t port_ = 0;
  std::unique_ptr<SSL_CTX, Freed<SSL_CTX_free>> context_;
  std::atomic<int> open_connection_ = -1;
  std::mutex mutex_;
  std::vector<std::string> requests_;
  std::thread thread_;
};

net::HttpRequest post(std::string url, std::string body) {
  net::HttpRequest request;
  request.method = "POST";
  request.url = std::move(url);
  request.headers = {{"X-Test", "1"}, {"X-Empty", ""}};
  request.body = std::move(body);
  request.timeout = 5s;
  return request;
}

std::string ok(const std::string& body) {
  return "HTTP/1.1 200 OK\r\nX-Answer:  a b \r\nContent-Length: " + std::to_string(body.size()) +
         "\r\n\r\n" + body;
}

}  // namespace

TEST_CASE("curl sends what was asked and nothing that was not signed") {
  AnsweringServer server([](const std::string&) { return ok("hello"); });
  net::CurlTransport transport;
  const auto response = transport.send(post(server.url("/a/../b?x=%2F"), "body"));
  REQUIRE_MESSAGE(response, response.error().detail);
  CHECK(response->status == 200);
  CHECK(response->body == "hello");
  CHECK(*net::find_header(response->headers, "x-answer") == "a b");
  const std::string sent = server.request(0);
  CHECK(sent.find("POST /a/../b?x=%2F HTTP/1.1\r\n") == 0);
  CHECK(sent.find("X-Test: 1\r\n") != std::string::npos);
  CHECK(sent.find("X-Empty:\r\n") != std::string::npos);
  CHECK(sent.find("Content-Length: 4\r\n") != std::string::npos);
  for (const char* unwanted : {"Expect", "Accept", "Content-Type", "User-Agent"}) {
    CHECK(sent.find(unwanted) == std::string::npos);
  }
  CHECK(sent.ends_with("\r\n\r\nbody"));
}

TEST_CASE("curl keeps its connection, also after an empty body and a large one") {
  AnsweringServer server([](const std::string&) { return ok(""); });
  net::CurlTransport transport;
  CHECK(transport.send(post(server.url("/"), "")));
  CHECK(transport.send(post(server.url("/"), std::string(2'000'000, 'x'))));
  net::HttpRequest get = post(server.url("/"), "");
  get.method = "GET";
  CHECK(transport.send(get));
  CHECK(server.connections == 1);
  CHECK(server.request(1).size() > 2'000'000);
}

TEST_CASE("curl does not follow redirects") {
  AnsweringServer server([](const std::string&) {
    return "HTTP/1.1 302 Found\r\nLocation: http://127.0.0.1:1/\r\nContent-Length: 0\r\n\r\n";
  });
  net::CurlTransport transport;
  const auto response = transport.send(post(server.url("/"), ""));
  REQUIRE(response);
  CHECK(response->status == 302);
  CHECK(*net::find_header(response->headers, "Location") == "http://127.0.0.1:1/");
}

TEST_CASE("curl's failures are told apart") {
  const auto kind = [](const std::string& url, std::chrono::milliseconds timeout) {
    net::CurlTransport transport;
    net::HttpRequest request = post(url, "");
    request.timeout = timeout;
    const auto response = transport.send(request);
    REQUIRE_FALSE(response);
    CHECK_FALSE(response.error().detail.empty());
    return response.error().kind;
  };
  CHECK(kind("http://127.0.0.1:1/", 2s) == Kind::connect);
  CHECK(kind("http://name.invalid/", 5s) == Kind::resolve);
  CHECK(kind("ftp://127.0.0.1/", 2s) == Kind::protocol);
  AnsweringServer silent([](const std::string&) { return "hang"; });
  CHECK(kind(silent.url("/"), 100ms) == Kind::timeout);
  AnsweringServer closing([](const std::string&) { return ""; });
  CHECK(kind(closing.url("/"), 2s) == Kind::connect);
  AnsweringServer cut([](const std::string&) {
    return "HTTP/1.1 200 OK\r\nContent-Length: 10\r\nConnection: close\r\n\r\nabc";
  });
  CHECK(kind(cut.url("/"), 2s) == Kind::protocol);
}

TEST_CASE("curl trusts no certificate but those it was given") {
  const TlsIdentity identity;
  AnsweringServer server([](const std::string&) { return ok("secure"); }, &identity);
  net::CurlTransport distrusting;
  const auto refused = distrusting.send(post(server.url("/"), ""));
  REQUIRE_FALSE(refused);
  CHECK(refused.error().kind == Kind::tls);
  const test::TempDir directory;
  const std::string path = directory.path() + "/ca.pem";
  identity.write_certificate(path);
  net::CurlTransport trusting({.ca_file = path, .stop = {}});
  const auto response = trusting.send(post(server.url("/"), ""));
  REQUIRE_MESSAGE(response, response.error().detail);
  CHECK(response->body == "secure");
}

TEST_CASE("curl stops when told to") {
  std::stop_source stop;
  AnsweringServer server([&](const std::string&) {
    stop.request_stop();
    return "hang";
  });
  net::CurlTransport transport({.ca_file = "", .stop = stop.get_token()});
  const auto response = transport.send(post(server.url("/"), ""));
  REQUIRE_FALSE(response);
  CHECK(response.error().kind == Kind::cancelled);
}

TEST_CASE("this machine is reached without curl") {
  CHECK(net::is_near_host("localhost"));
  CHECK(net::is_near_host("169.254.169.254"));
  CHECK_FALSE(net::is_near_host("ecs.us-east-1.amazonaws.com"));
  AnsweringServer server([](const std::string&) { return ok("near"); });
  net::ClientTransport transport;
  CHECK(transport.send(post(server.url("/"), "x"))->body == "near");
}
