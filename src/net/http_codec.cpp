#include "net/http_codec.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <utility>

#include "util/strings.hpp"

namespace net {

namespace {

constexpr std::string_view kHeadEnd = "\r\n\r\n";
constexpr std::size_t kLongestChunkLine = 4096;

bool is_token_char(char c) {
  return util::is_alnum(c) || std::string_view("!#$%&'*+-.^_`|~").find(c) != std::string_view::npos;
}

bool is_token(std::string_view text) {
  return !text.empty() && std::ranges::all_of(text, is_token_char);
}

bool is_control(char c) {
  const auto byte = static_cast<unsigned char>(c);
  return byte < 0x20 || byte == 0x7f;
}

std::string_view trim_blanks(std::string_view text) {
  while (!text.empty() && (text.front() == ' ' || text.front() == '\t')) {
    text.remove_prefix(1);
  }
  while (!text.empty() && (text.back() == ' ' || text.back() == '\t')) {
    text.remove_suffix(1);
  }
  return text;
}

// The whole text as a number in `base`, digits only, no sign.
std::optional<std::uint64_t> parse_unsigned(std::string_view text, int base) {
  std::uint64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value, base);
  if (text.empty() || error != std::errc{} || end != text.data() + text.size()) {
    return std::nullopt;
  }
  return value;
}

bool lists_token(std::string_view list, std::string_view token) {
  while (!list.empty()) {
    const std::size_t comma = std::min(list.find(','), list.size());
    if (util::iequals(trim_blanks(list.substr(0, comma)), token)) {
      return true;
    }
    list.remove_prefix(std::min(comma + 1, list.size()));
  }
  return false;
}

}  // namespace

HttpReader::Event HttpReader::fail(int status, std::string_view text) {
  state_ = State::failed;
  error_status_ = status;
  error_text_ = text;
  return Event::error;
}

HttpReader::Event HttpReader::next(std::string_view& input) {
  while (true) {
    switch (state_) {
      case State::head: return read_head(input);
      case State::fixed_body:
      case State::chunk_data: return read_fixed(input);
      case State::endless_body: return read_endless(input);
      case State::chunk_size: {
        const Event event = read_chunk_size(input);
        if (event != Event::body) {
          return event;
        }
        break;
      }
      case State::chunk_end: {
        const Event event = read_chunk_end(input);
        if (event != Event::body) {
          return event;
        }
        break;
      }
      case State::trailers: return read_trailers(input);
      case State::complete: return restart();
      case State::failed: return Event::error;
    }
  }
}

HttpReader::Event HttpReader::finish() {
  switch (state_) {
    case State::endless_body:
    case State::complete: return restart();
    case State::failed: return Event::error;
    case State::head:
      if (pending_.empty()) {
        return Event::need_more;
      }
      break;
    case State::fixed_body:
    case State::chunk_size:
    case State::chunk_data:
    case State::chunk_end:
    case State::trailers: break;
  }
  return fail(400, "the connection ended inside a message");
}

HttpReader::Event HttpReader::restart() {
  state_ = State::head;
  pending_.clear();
  return Event::end;
}

// --- head
// -----------------------------------------------------------------------------------------------------------

// RFC 9112 2.2: empty lines before a request are to be ignored.
void HttpReader::skip_empty_lines(std::string_view& input) {
  while (!input.empty()) {
    if (pending_.empty() && input.starts_with("\r\n")) {
      input.remove_prefix(2);
    } else if (pending_.empty() && input == "\r") {
      pending_ = std::exchange(input, {});
    } else if (pending_ == "\r" && input.front() == '\n') {
      pending_.clear();
      input.remove_prefix(1);
    } else {
      return;
    }
  }
}

HttpReader::Event HttpReader::read_head(std::string_view& input) {
  if (role_ == Role::request) {
    skip_empty_lines(input);
  }
  if (pending_.empty()) {
    const std::size_t end = input.find(kHeadEnd);
    if (end != std::string_view::npos && end + kHeadEnd.size() <= limits_.head) {
      const std::string_view text = input.substr(0, end + 2);
      input.remove_prefix(end + kHeadEnd.size());
      return parse_head(text);
    }
  }
  const std::size_t overlap = std::min<std::size_t>(pending_.size(), 3);
  const std::size_t searched_from = pending_.size() - overlap;
  const std::size_t room = limits_.head + 1 - std::min(limits_.head + 1, pending_.size());
  const std::string_view taken = input.substr(0, room);
  const std::size_t before = pending_.size();
  pending_ += taken;
  const std::size_t end = pending_.find(kHeadEnd, searched_from);
  if (end == std::string::npos) {
    input.remove_prefix(taken.size());
    return pending_.size() > limits_.head ? fail(431, "the headers are too large")
                                          : Event::need_more;
  }
  if (end + kHeadEnd.size() > limits_.head) {
    return fail(431, "the headers are too large");
  }
  input.remove_prefix(end + kHeadEnd.size() - before);
  const std::string text = std::exchange(pending_, {}).substr(0, end + 2);
  return parse_head(text);
}

HttpReader::Event HttpReader::parse_head(std::string_view text) {
  head_ = {};
  const std::size_t line_end = text.find("\r\n");
  const std::string_view line = text.substr(0, line_end);
  const bool started = role_ == Role::request ? parse_request_line(line) : parse_status_line(line);
  if (!started || !parse_headers(text.substr(line_end + 2)) || !decide_connection() ||
      !decide_framing()) {
    return Event::error;
  }
  return start_body();
}

bool HttpReader::parse_request_line(std::string_view line) {
  const std::size_t first = line.find(' ');
  const std::size_t last = line.rfind(' ');
  if (first == std::string_view::npos || first == last) {
    fail(400, "the request line is ill-formed");
    return false;
  }
  const std::string_view target = line.substr(first + 1, last - first - 1);
  const std::string_view version = line.substr(last + 1);
  const bool bad_target = target.empty() || std::ranges::any_of(target, [](char c) {
                            return is_control(c) || c == ' ';
                          });
  if (!is_token(line.substr(0, first)) || bad_target) {
    fail(400, "the request line is ill-formed");
    return false;
  }
  if (version != "HTTP/1.1" && version != "HTTP/1.0") {
    fail(version.starts_with("HTTP/") ? 505 : 400, "only HTTP/1.0 and HTTP/1.1 are spoken here");
    return false;
  }
  head_.method = line.substr(0, first);
  head_.target = target;
  head_.minor_version = version.back() - '0';
  return true;
}

bool HttpReader::parse_status_line(std::string_view line) {
  if (!(line.starts_with("HTTP/1.1 ") || line.starts_with("HTTP/1.0 ")) || line.size() < 12 ||
      (line.size() > 12 && line[12] != ' ')) {
    fail(400, "the status line is ill-formed");
    return false;
  }
  const auto status = parse_unsigned(line.substr(9, 3), 10);
  const std::string_view reason = line.size() > 13 ? line.substr(13) : std::string_view{};
  if (!status || *status < 100 ||
      std::ranges::any_of(reason, [](char c) { return is_control(c) && c != '\t'; })) {
    fail(400, "the status line is ill-formed");
    return false;
  }
  head_.minor_version = line[7] - '0';
  head_.status = static_cast<int>(*status);
  head_.reason = reason;
  return true;
}

bool HttpReader::parse_headers(std::string_view text) {
  while (!text.empty()) {
    const std::size_t end = text.find("\r\n");
    if (!parse_header(text.substr(0, end))) {
      return false;
    }
    text.remove_prefix(end + 2);
  }
  return true;
}

bool HttpReader::parse_header(std::string_view line) {
  const std::size_t colon = line.find(':');
  if (colon == std::string_view::npos || !is_token(line.substr(0, colon))) {
    fail(400, "a header line is ill-formed");
    return false;
  }
  const std::string_view value = trim_blanks(line.substr(colon + 1));
  if (std::ranges::any_of(value, [](char c) { return is_control(c) && c != '\t'; })) {
    fail(400, "a header has a control character");
    return false;
  }
  if (head_.headers.size() >= limits_.headers) {
    fail(431, "there are too many headers");
    return false;
  }
  head_.headers.push_back({std::string(line.substr(0, colon)), std::string(value)});
  return true;
}

bool HttpReader::decide_connection() {
  head_.keep_alive = head_.minor_version >= 1;
  std::size_t hosts = 0;
  for (const Header& header : head_.headers) {
    if (util::iequals(header.name, "connection")) {
      if (lists_token(header.value, "close")) {
        head_.keep_alive = false;
      } else if (head_.minor_version == 0 && lists_token(header.value, "keep-alive")) {
        head_.keep_alive = true;
      }
    } else if (util::iequals(header.name, "host")) {
      ++hosts;
    } else if (util::iequals(header.name, "expect")) {
      head_.expects_continue =
          head_.minor_version >= 1 && util::iequals(header.value, "100-continue");
    }
  }
  if (role_ == Role::request && (hosts > 1 || (hosts == 0 && head_.minor_version >= 1))) {
    fail(400, "exactly one Host header is needed");
    return false;
  }
  return true;
}

bool HttpReader::decide_framing() {
  std::optional<std::string_view> length;
  std::optional<std::string_view> encoding;
  for (const Header& header : head_.headers) {
    const bool is_length = util::iequals(header.name, "content-length");
    if (!is_length && !util::iequals(header.name, "transfer-encoding")) {
      continue;
    }
    std::optional<std::string_view>& seen = is_length ? length : encoding;
    if (seen) {
      fail(400, is_length ? "Content-Length is repeated" : "Transfer-Encoding is repeated");
      return false;
    }
    seen = header.value;
  }
  if (length && encoding) {
    fail(400, "Content-Length and Transfer-Encoding exclude each other");
    return false;
  }
  if (encoding) {
    if (!util::iequals(*encoding, "chunked")) {
      fail(501, "the only Transfer-Encoding spoken here is chunked");
      return false;
    }
    if (head_.minor_version == 0) {
      fail(400, "HTTP/1.0 has no Transfer-Encoding");
      return false;
    }
    head_.framing = Framing::chunked;
  } else if (length) {
    const bool digits = !length->empty() && std::ranges::all_of(*length, util::is_digit);
    const auto value = digits ? parse_unsigned(*length, 10) : std::nullopt;
    if (!value) {
      fail(400, "Content-Length is not a number");
      return false;
    }
    head_.framing = Framing::length;
    head_.content_length = *value;
  } else {
    head_.framing = role_ == Role::request ? Framing::none : Framing::until_close;
  }
  const int status = head_.status;
  if (role_ == Role::response &&
      (to_head_ || (status >= 100 && status < 200) || status == 204 || status == 304)) {
    head_.framing = Framing::none;
  }
  return true;
}

HttpReader::Event HttpReader::start_body() {
  body_size_ = 0;
  trailer_size_ = 0;
  switch (head_.framing) {
    case Framing::none: state_ = State::complete; break;
    case Framing::length:
      if (!count_body(head_.content_length)) {
        return fail(413, "the body is too large");
      }
      left_ = head_.content_length;
      state_ = left_ == 0 ? State::complete : State::fixed_body;
      break;
    case Framing::chunked: state_ = State::chunk_size; break;
    case Framing::until_close:
      head_.keep_alive = false;
      state_ = State::endless_body;
      break;
  }
  return Event::head;
}

// --- body
// -----------------------------------------------------------------------------------------------------------

bool HttpReader::count_body(std::uint64_t more) {
  if (more > limits_.body - body_size_) {
    return false;
  }
  body_size_ += more;
  return true;
}

HttpReader::Event HttpReader::read_fixed(std::string_view& input) {
  if (input.empty()) {
    return Event::need_more;
  }
  piece_ = input.substr(0, static_cast<std::size_t>(std::min<std::uint64_t>(left_, input.size())));
  input.remove_prefix(piece_.size());
  left_ -= piece_.size();
  if (left_ == 0) {
    state_ = state_ == State::fixed_body ? State::complete : State::chunk_end;
  }
  return Event::body;
}

HttpReader::Event HttpReader::read_endless(std::string_view& input) {
  if (input.empty()) {
    return Event::need_more;
  }
  if (!count_body(input.size())) {
    return fail(413, "the body is too large");
  }
  piece_ = std::exchange(input, {});
  return Event::body;
}

// A line without its CRLF; nothing when it is not complete yet. A lone CR or LF in it is left for
// the caller to refuse.
std::optional<std::string_view> HttpReader::take_line(std::string_view& input) {
  const std::size_t newline = input.find('\n');
  const std::size_t size = newline == std::string_view::npos ? input.size() : newline + 1;
  pending_ += input.substr(0, size);
  input.remove_prefix(size);
  if (newline == std::string_view::npos) {
    return std::nullopt;
  }
  return pending_;
}

// In the two functions below Event::body means: go on with the state that was set.
HttpReader::Event HttpReader::read_chunk_size(std::string_view& input) {
  const auto line = take_line(input);
  if (pending_.size() > kLongestChunkLine) {
    return fail(400, "a chunk's first line is too long");
  }
  if (!line) {
    return Event::need_more;
  }
  const bool ends_well = line->ends_with("\r\n");
  const std::string_view text = ends_well ? line->substr(0, line->size() - 2) : *line;
  const std::string_view digits = text.substr(0, text.find(';'));
  const bool clean = std::ranges::none_of(text, [](char c) { return is_control(c) && c != '\t'; });
  const auto size = digits.size() <= 15 ? parse_unsigned(trim_blanks(digits), 16) : std::nullopt;
  if (!ends_well || !clean || !size || (!digits.empty() && digits.front() == ' ')) {
    return fail(400, "a chunk's size is ill-formed");
  }
  pending_.clear();
  if (!count_body(*size)) {
    return fail(413, "the body is too large");
  }
  left_ = *size;
  state_ = left_ == 0 ? State::trailers : State::chunk_data;
  if (state_ == State::trailers) {
    return read_trailers(input);
  }
  return Event::body;
}

HttpReader::Event HttpReader::read_chunk_end(std::string_view& input) {
  while (!input.empty() && pending_.size() < 2) {
    pending_ += input.front();
    input.remove_prefix(1);
  }
  if (!std::string_view("\r\n").starts_with(pending_)) {
    return fail(400, "a chunk is longer than its size");
  }
  if (pending_.size() < 2) {
    return Event::need_more;
  }
  pending_.clear();
  state_ = State::chunk_size;
  return Event::body;
}

HttpReader::Event HttpReader::read_trailers(std::string_view& input) {
  while (true) {
    const std::size_t before = pending_.size();
    const auto line = take_line(input);
    trailer_size_ += pending_.size() - before;
    if (trailer_size_ > limits_.head) {
      return fail(431, "the trailers are too large");
    }
    if (!line) {
      return Event::need_more;
    }
    if (*line == "\r\n") {
      return restart();
    }
    // Trailers are checked like headers, then dropped: nothing here acts on them.
    if (!line->ends_with("\r\n") || !parse_header(line->substr(0, line->size() - 2))) {
      return fail(400, "a trailer line is ill-formed");
    }
    head_.headers.pop_back();
    pending_.clear();
  }
}

// --- writing
// --------------------------------------------------------------------------------------------------------

namespace {

void append_clean(std::string& out, std::string_view text) {
  for (const char c : text) {
    out += c == '\r' || c == '\n' || c == '\0' ? ' ' : c;
  }
}

}  // namespace

void append_header(std::string& out, std::string_view name, std::string_view value) {
  append_clean(out, name);
  out += ": ";
  append_clean(out, value);
  out += "\r\n";
}

void append_request_line(std::string& out, std::string_view method, std::string_view target) {
  append_clean(out, method);
  out += ' ';
  for (const char c : target) {
    if (is_control(c) || c == ' ') {
      constexpr std::string_view kHex = "0123456789ABCDEF";
      const auto byte = static_cast<unsigned char>(c);
      out += {'%', kHex[byte >> 4U], kHex[byte & 15U]};
    } else {
      out += c;
    }
  }
  out += " HTTP/1.1\r\n";
}

void append_status_line(std::string& out, int status, std::string_view reason) {
  out += "HTTP/1.1 ";
  out += std::to_string(status);
  out += ' ';
  append_clean(out, reason.empty() ? reason_phrase(status) : reason);
  out += "\r\n";
}

void append_chunk(std::string& out, std::string_view data) {
  if (data.empty()) {
    return;
  }
  std::array<char, 17> size{};
  const auto [end, error] = std::to_chars(size.data(), size.data() + size.size(), data.size(), 16);
  out.append(size.data(), end);
  out += "\r\n";
  out += data;
  out += "\r\n";
}

std::string_view reason_phrase(int status) {
  static constexpr std::array<std::pair<int, std::string_view>, 32> kReasons{{
      {100, "Continue"},
      {101, "Switching Protocols"},
      {200, "OK"},
      {201, "Created"},
      {202, "Accepted"},
      {204, "No Content"},
      {206, "Partial Content"},
      {301, "Moved Permanently"},
      {302, "Found"},
      {303, "See Other"},
      {304, "Not Modified"},
      {307, "Temporary Redirect"},
      {308, "Permanent Redirect"},
      {400, "Bad Request"},
      {401, "Unauthorized"},
      {403, "Forbidden"},
      {404, "Not Found"},
      {405, "Method Not Allowed"},
      {408, "Request Timeout"},
      {409, "Conflict"},
      {411, "Length Required"},
      {413, "Content Too Large"},
      {414, "URI Too Long"},
      {421, "Misdirected Request"},
      {429, "Too Many Requests"},
      {431, "Request Header Fields Too Large"},
      {500, "Internal Server Error"},
      {501, "Not Implemented"},
      {502, "Bad Gateway"},
      {503, "Service Unavailable"},
      {504, "Gateway Timeout"},
      {505, "HTTP Version Not Supported"},
  }};
  const auto* at = std::ranges::find(kReasons, status, &std::pair<int, std::string_view>::first);
  return at == kReasons.end() ? std::string_view{} : at->second;
}

std::string write_response(const HttpResponse& response, bool keep_alive, bool to_head) {
  std::string out;
  out.reserve(256 + response.body.size());
  append_status_line(out, response.status);
  for (const Header& header : response.headers) {
    append_header(out, header.name, header.value);
  }
  // An answer to HEAD may state the length of what GET would answer.
  const bool stated = to_head && find_header(response.headers, "Content-Length").has_value();
  if (response.status >= 200 && response.status != 204 && response.status != 304 && !stated) {
    append_header(out, "Content-Length", std::to_string(response.body.size()));
  }
  if (!keep_alive) {
    append_header(out, "Connection", "close");
  }
  out += "\r\n";
  if (!to_head) {
    out += response.body;
  }
  return out;
}

}  // namespace net
