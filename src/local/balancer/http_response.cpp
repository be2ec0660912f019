// What comes back from targets: answers, and the other protocol of an upgraded connection.
#include <utility>

#include "local/balancer/http_session.hpp"

namespace local::balancer {

namespace {

constexpr std::size_t kHighWater = 256 * 1024;
constexpr int kAnswerReadsInARow = 4;

}  // namespace

void HttpProxy::Session::upstream_readable() {
  for (int i = 0; i < kAnswerReadsInARow && upstream_ != nullptr && out_.size() < kHighWater; ++i) {
    const Stream::Moved got =
        upstream_->stream().read(proxy_.buffer_.data(), proxy_.buffer_.size());
    if (got.status == Stream::Status::wait) {
      break;
    }
    Next next = Next::go_on;
    if (got.status != Stream::Status::done) {
      if (state_ == State::tunnelling) {
        next = end_tunnel(got.status);
      } else {
        next = target_gone();
      }
      if (next != Next::gone) {
        settle();
      }
      return;
    }
    extend_deadline();
    const std::string_view bytes(proxy_.buffer_.data(), got.size);
    if (state_ == State::tunnelling) {
      out_.text() += bytes;
    } else {
      next = take_response(bytes);
    }
    if (next == Next::gone) {
      return;
    }
    if (got.size < proxy_.buffer_.size() && upstream_ != nullptr && !upstream_->stream().is_tls()) {
      break;
    }
  }
  settle();
}

HttpProxy::Session::Next HttpProxy::Session::take_response(std::string_view input) {
  using Event = net::HttpReader::Event;
  while (upstream_ != nullptr) {
    switch (upstream_->reader.next(input)) {
      case Event::need_more: return Next::go_on;
      case Event::head:
        if (upstream_->reader.head().status == 101 && exchange_.upgrade) {
          return start_tunnel(input);
        }
        if (const Next next = on_response_head(); next == Next::gone) {
          return next;
        }
        break;
      case Event::body:
        if (exchange_.body == BodyTo::chunked) {
          net::append_chunk(out_.text(), upstream_->reader.piece());
        } else {
          out_.text() += upstream_->reader.piece();
        }
        break;
      case Event::end:
        if (exchange_.answering) {
          return on_response_end(input.empty());
        }
        break;  // of "100 Continue" and its like
      case Event::error:
        if (!exchange_.answering) {
          return answer(error_answer(502));
        }
        abort();
        return Next::gone;
    }
  }
  return Next::go_on;
}

HttpProxy::Session::Next HttpProxy::Session::on_response_head() {
  const net::HttpHead& head = upstream_->reader.head();
  if (head.status == 101) {
    return answer(error_answer(502));
  }
  if (head.status < 200) {
    if (exchange_.minor_version >= 1) {
      out_.text() += forwarded_response(head, BodyTo::as_it_is, true, {});
    }
    return Next::go_on;
  }
  exchange_.answering = true;
  exchange_.body = body_to_client(head, exchange_.minor_version);
  // An answer before the end of the request: whoever sends on would send for nothing.
  exchange_.keep_alive = exchange_.keep_alive && exchange_.request_done && !client_ended_ &&
                         exchange_.body != BodyTo::until_close;
  out_.text() +=
      forwarded_response(head, exchange_.body, exchange_.keep_alive, sticky_cookies(head));
  return Next::go_on;
}

HttpProxy::Session::Next HttpProxy::Session::on_response_end(bool clean) {
  if (exchange_.body == BodyTo::chunked) {
    out_.text() += net::kLastChunk;
  }
  if (clean && exchange_.request_done && upstream_->reader.head().keep_alive &&
      upstream_->out.empty()) {
    upstream_->serve(nullptr);
    proxy_.keep(std::move(upstream_));
  }
  upstream_.reset();
  return finish_exchange();
}

HttpProxy::Session::Next HttpProxy::Session::finish_exchange() {
  const bool goes_on = exchange_.keep_alive && exchange_.request_done;
  exchange_ = {};
  if (!goes_on) {
    return leave();
  }
  state_ = State::requesting;
  extend_deadline();
  return Next::go_on;
}

// --- tunnels
// -------------------------------------------------------------------------------------------------------

HttpProxy::Session::Next HttpProxy::Session::start_tunnel(std::string_view first_bytes) {
  out_.text() += forwarded_response(
      upstream_->reader.head(), BodyTo::as_it_is, true, sticky_cookies(upstream_->reader.head()));
  out_.text() += first_bytes;
  state_ = State::tunnelling;
  const std::string early = std::exchange(in_, {});
  return to_target(early);
}

HttpProxy::Session::Next HttpProxy::Session::to_target(std::string_view bytes) {
  upstream_->out.text() += bytes;
  if (!upstream_->flush()) {
    abort();
    return Next::gone;
  }
  upstream_->out.trim();
  if (client_ended_ && upstream_->out.empty()) {
    upstream_->stream().end_writing();
  }
  return Next::go_on;
}

HttpProxy::Session::Next HttpProxy::Session::end_tunnel(Stream::Status how) {
  if (how == Stream::Status::broken) {
    abort();
    return Next::gone;
  }
  target_ended_ = true;
  upstream_->stop();
  return flush();
}

}  // namespace local::balancer
