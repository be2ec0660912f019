#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "local/balancer/cookies.hpp"
#include "local/balancer/http_answers.hpp"
#include "local/balancer/http_proxy.hpp"
#include "local/balancer/tls.hpp"

namespace local::balancer {

// The two ends of an application load balancer's work; private to http_proxy.

// Bytes that wait for a socket to take them.
class Outbox {
 public:
  std::string& text() { return text_; }

  [[nodiscard]] std::string_view rest() const { return std::string_view(text_).substr(sent_); }

  [[nodiscard]] bool empty() const { return sent_ == text_.size(); }

  [[nodiscard]] std::size_t size() const { return text_.size() - sent_; }

  [[nodiscard]] std::size_t sent() const { return sent_; }

  void take(std::size_t count) { sent_ += count; }

  void rewind() { sent_ = 0; }

  void clear() {
    text_.clear();
    sent_ = 0;
  }

  // Forgets what was sent; after this there is no way back.
  void trim() {
    text_.erase(0, sent_);
    sent_ = 0;
  }

 private:
  std::string text_;
  std::size_t sent_ = 0;
};

// A socket in the loop, with what it waits for.
class Watched : public net::Watcher {
 public:
  Watched(net::EventLoop& loop, util::Fd fd) : stream_(std::move(fd)), loop_(loop) {}

  ~Watched() override { unwatch(); }

  void unwatch() {
    if (watched_) {
      loop_.remove(stream_.fd(), *this);
      watched_ = false;
    }
  }

  // Errors and hang-ups are reported even when nothing is wanted.
  void want(std::uint32_t events) {
    if (watched_ && events == wanted_) {
      return;
    }
    if (watched_) {
      loop_.change(stream_.fd(), events, *this);
    } else {
      loop_.add(stream_.fd(), events, *this);
    }
    watched_ = true;
    wanted_ = events;
  }

 protected:
  Stream stream_;
  net::EventLoop& loop_;

 private:
  std::uint32_t wanted_ = 0;
  bool watched_ = false;
};

// A connection to a target: of a session, or kept for the next one.
class HttpProxy::Upstream final : public Watched {
 public:
  Upstream(HttpProxy& proxy, util::Fd fd, const RouteTarget& target, std::string group, bool tls);
  ~Upstream() override;

  void on_events(std::uint32_t events) override;

  // Becomes a session's, or nobody's.
  void serve(Session* session);
  void start(bool last);  // a new one: waits for the connection

  // Sends what it can. False when the connection is gone.
  bool flush();
  void set_reading(bool on);
  void stop();  // nothing more is read from it

  Outbox out;  // the request
  bool reused = false;
  bool connected = false;
  net::HttpReader reader;
  net::EventLoop::Clock::time_point deadline;  // of connecting; kept: when it ends

  [[nodiscard]] const TargetLoad& load() const { return *load_; }

  [[nodiscard]] const TargetAddress& target() const { return target_; }

  [[nodiscard]] const std::string& group() const { return group_; }

  void report_failure();

  Stream& stream() { return stream_; }

 private:
  void update_interest();
  void greet();

  HttpProxy& proxy_;
  Session* session_ = nullptr;
  std::shared_ptr<TargetLoad> load_;
  TargetAddress target_;
  std::string group_;
  bool tls_ = false;
  bool reading_ = true;
  bool stopped_ = false;
};

// A client's connection.
class HttpProxy::Session final : public Watched {
 public:
  Session(HttpProxy& proxy, std::string listener, util::Fd client);
  ~Session() override;

  // All of these may end with the session destroyed; nothing of it may be touched afterwards.
  void start();
  void on_events(std::uint32_t events) override;
  void on_time(net::EventLoop::Clock::time_point now);
  void abort();
  void upstream_ready();  // connected, or room to write
  void upstream_readable();
  void upstream_failed(int status);  // before it could be used

  [[nodiscard]] const std::string& listener() const { return listener_; }

  [[nodiscard]] bool serves_retired_target() const;

  std::size_t place = 0;

 private:
  enum class State : std::uint8_t {
    greeting,    // TLS
    requesting,  // between requests, or in the head of one
    exchanging,  // a request has its route
    tunnelling,  // the two ends speak another protocol
    leaving,     // the last answer is out, or on its way; what still comes is dropped
  };
  enum class Next : std::uint8_t { go_on, gone };

  // What a request is and has come to.
  struct Exchange {
    std::shared_ptr<const RoutingTable> table;  // holds what follows
    const Forward* forward = nullptr;
    std::shared_ptr<const RouteGroup> group;
    std::string chosen;  // the target's fingerprint: wanted, then taken
    std::vector<const TargetLoad*> tried;
    Outbox request;  // while no target has it
    std::string method;
    int minor_version = 1;
    int status_of_failure = 503;
    BodyTo body = BodyTo::as_it_is;
    bool chunked = false;
    bool has_body = false;
    bool keep_alive = true;
    bool upgrade = false;
    bool repeatable = false;     // may be sent a second time
    bool request_done = false;   // all of it was read
    bool answered_here = false;  // by the load balancer itself
    bool answering = false;      // the head of the target's answer has gone to the client
  };

  void greet();
  void settle();
  [[nodiscard]] bool wants_input() const;
  void update_interest();
  void extend_deadline();
  Next read_client();
  Next on_client_end();
  Next flush();
  Next leave();

  Next take_input(std::string_view input);
  Next on_head();
  Next on_body(std::string_view piece);
  Next on_request_end();
  Next act(const RouteRule& rule, const RequestFacts& facts);
  void choose_by_cookies(const std::vector<net::Header>& headers);
  Next answer(const OwnAnswer& own);
  Next next_target();
  Next push_request();
  Next target_gone();

  Next take_response(std::string_view input);
  Next on_response_head();
  Next on_response_end(bool clean);
  Next finish_exchange();
  [[nodiscard]] std::vector<std::string> sticky_cookies(const net::HttpHead& response) const;

  Next start_tunnel(std::string_view first_bytes);
  Next to_target(std::string_view bytes);
  Next end_tunnel(Stream::Status how);

  HttpProxy& proxy_;
  std::string listener_;
  ClientSide side_;
  net::HttpReader reader_;
  net::EventLoop::Clock::time_point accepted_;
  net::EventLoop::Clock::time_point deadline_;
  State state_ = State::requesting;
  HttpSettings settings_;
  std::string in_;  // read and not yet looked at
  Outbox out_;
  bool client_ended_ = false;
  bool target_ended_ = false;  // tunnelling
  bool said_goodbye_ = false;  // it was told that nothing more comes
  Exchange exchange_;
  std::unique_ptr<Upstream> upstream_;
};

}  // namespace local::balancer
