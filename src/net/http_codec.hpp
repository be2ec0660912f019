#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "net/http_message.hpp"

namespace net {

// HTTP/1.x as bytes (RFC 9112), without I/O: the caller feeds what a socket gave. Strict where
// leniency lets two readers disagree about where a message ends: lines end in CRLF, no folded
// headers, no blank before a colon, one Content-Length, never together with Transfer-Encoding,
// which may only be "chunked".

struct HttpLimits {
  std::size_t head = 64 * 1024;  // start line and headers, and the trailers again
  std::size_t headers = 200;
  std::size_t body = 16 * 1024 * 1024;
};

enum class Framing : std::uint8_t { none, length, chunked, until_close };

struct HttpHead {
  std::string method;  // requests
  std::string target;
  int status = 0;  // responses
  std::string reason;
  int minor_version = 1;
  std::vector<Header> headers;
  Framing framing = Framing::none;
  std::uint64_t content_length = 0;  // with Framing::length
  bool keep_alive = true;            // the sender is willing to go on after this message
  bool expects_continue = false;     // requests: it waits for "100 Continue" before its body

  [[nodiscard]] std::optional<std::string_view> header(std::string_view name) const {
    return find_header(headers, name);
  }
};

class HttpReader {
 public:
  enum class Event : std::uint8_t {
    need_more,  // all input was taken
    head,       // head() is complete
    body,       // piece() is the next part of the body, a view into the caller's input
    end,        // the message is complete; the rest of the input belongs to the next one
    error,      // see error_status(); the reader stays failed
  };

  static HttpReader for_requests(HttpLimits limits = {}) { return {Role::request, limits}; }

  static HttpReader for_responses(HttpLimits limits = {}) { return {Role::response, limits}; }

  // Takes bytes from the front of `input` up to the next event. Call again until it says need_more.
  Event next(std::string_view& input);
  // The connection ended. `end` when that completes the message (a body until close), need_more
  // when it ended between two messages, else `error`.
  Event finish();

  // Before each response: to HEAD there is no body whatever the headers say.
  void expect_response_to(std::string_view method) { to_head_ = method == "HEAD"; }

  [[nodiscard]] const HttpHead& head() const { return head_; }

  HttpHead& head() { return head_; }

  [[nodiscard]] std::string_view piece() const { return piece_; }

  // True between two messages, when nothing of the next one has been seen.
  [[nodiscard]] bool idle() const { return state_ == State::head && pending_.empty(); }

  // The status a server should answer with (400, 413, 414, 431, 501, 505), and why in English.
  [[nodiscard]] int error_status() const { return error_status_; }

  [[nodiscard]] std::string_view error_text() const { return error_text_; }

 private:
  enum class Role : std::uint8_t { request, response };
  enum class State : std::uint8_t {
    head,
    fixed_body,
    endless_body,
    chunk_size,
    chunk_data,
    chunk_end,
    trailers,
    complete,
    failed
  };

  HttpReader(Role role, HttpLimits limits) : role_(role), limits_(limits) {}

  Event fail(int status, std::string_view text);
  std::optional<std::string_view> take_line(std::string_view& input);
  void skip_empty_lines(std::string_view& input);
  Event read_head(std::string_view& input);
  Event parse_head(std::string_view text);
  bool parse_request_line(std::string_view line);
  bool parse_status_line(std::string_view line);
  bool parse_headers(std::string_view text);
  bool parse_header(std::string_view line);
  bool decide_framing();
  bool decide_connection();
  Event start_body();
  Event read_fixed(std::string_view& input);
  Event read_endless(std::string_view& input);
  Event read_chunk_size(std::string_view& input);
  Event read_chunk_end(std::string_view& input);
  Event read_trailers(std::string_view& input);
  bool count_body(std::uint64_t more);
  Event restart();

  Role role_;
  HttpLimits limits_;
  State state_ = State::head;
  bool to_head_ = false;
  HttpHead head_;
  std::string pending_;  // the part of a head or line seen so far
  std::string_view piece_;
  std::uint64_t left_ = 0;  // of the body or chunk
  std::uint64_t body_size_ = 0;
  std::size_t trailer_size_ = 0;
  int error_status_ = 0;
  std::string_view error_text_;
};

// Text for the wire. Line breaks in a name or value become blanks, so that nothing can smuggle a
// header.
void append_header(std::string& out, std::string_view name, std::string_view value);
// "GET /x HTTP/1.1\r\n"
void append_request_line(std::string& out, std::string_view method, std::string_view target);
// "HTTP/1.1 200 OK\r\n"; an empty reason means the usual one.
void append_status_line(std::string& out, int status, std::string_view reason = {});
void append_chunk(std::string& out, std::string_view data);  // nothing for empty data
inline constexpr std::string_view kLastChunk = "0\r\n\r\n";
std::string_view reason_phrase(int status);  // "OK"; "" when unknown

// A complete response with Content-Length, and "Connection: close" unless `keep_alive`.
std::string write_response(const HttpResponse& response, bool keep_alive, bool to_head = false);

}  // namespace net
