#include "doc/json_writer.hpp"

#include <array>
#include <charconv>
#include <cmath>
#include <string_view>

#include "util/utf8.hpp"

namespace doc {
namespace {

constexpr std::string_view kHex = "0123456789abcdef";

void append_escaped(std::string& out, char c) {
  switch (c) {
    case '"': out += "\\\""; return;
    case '\\': out += "\\\\"; return;
    case '\n': out += "\\n"; return;
    case '\r': out += "\\r"; return;
    case '\t': out += "\\t"; return;
    case '\b': out += "\\b"; return;
    case '\f': out += "\\f"; return;
    default: break;
  }
  const auto byte = static_cast<unsigned char>(c);
  if (byte < 0x20 || byte == 0x7f) {
    out += "\\u00";
    out += kHex[byte >> 4U];
    out += kHex[byte & 15U];
  } else {
    out += c;
  }
}

void append_quoted(std::string& out, std::string_view text) {
  out += '"';
  if (util::is_utf8(text)) {
    for (const char c : text) {
      append_escaped(out, c);
    }
  } else {
    for (const char c : util::to_utf8_lossy(text)) {
      append_escaped(out, c);
    }
  }
  out += '"';
}

class Writer {
 public:
  explicit Writer(JsonStyle style) : pretty_(style == JsonStyle::pretty) {}

  void write(const Node& node) {
    std::visit([this](const auto& v) { put(v); }, node.value);
  }

  std::string take() {
    if (pretty_) {
      out_ += '\n';
    }
    return std::move(out_);
  }

 private:
  void put(Null /*v*/) { out_ += "null"; }

  void put(bool v) { out_ += v ? "true" : "false"; }

  void put(std::int64_t v) { out_ += std::to_string(v); }

  void put(double v) {
    if (!std::isfinite(v)) {
      out_ += "null";
      return;
    }
    std::array<char, 32> buffer{};
    const auto end = std::to_chars(buffer.data(), buffer.data() + buffer.size(), v);
    out_.append(buffer.data(), end.ptr);
  }

  void put(const std::string& v) { append_quoted(out_, v); }

  void put(const Sequence& v) {
    open('[');
    for (const Node& item : v.items) {
      separate();
      write(item);
    }
    close(']', v.items.empty());
  }

  void put(const Mapping& v) {
    open('{');
    for (const Entry& entry : v.entries) {
      separate();
      append_quoted(out_, entry.key.value);
      out_ += pretty_ ? ": " : ":";
      first_ = false;
      write(entry.value);
    }
    close('}', v.entries.empty());
  }

  void open(char bracket) {
    out_ += bracket;
    ++depth_;
    first_ = true;
  }

  void separate() {
    if (!first_) {
      out_ += ',';
    }
    first_ = false;
    new_line();
  }

  void close(char bracket, bool empty) {
    --depth_;
    if (!empty) {
      new_line();
    }
    out_ += bracket;
    first_ = false;
  }

  void new_line() {
    if (pretty_) {
      out_ += '\n';
      out_.append(depth_ * 2, ' ');
    }
  }

  std::string out_;
  std::size_t depth_ = 0;
  bool first_ = true;
  bool pretty_;
};

}  // namespace

std::string to_json(const Node& node, JsonStyle style) {
  Writer writer(style);
  writer.write(node);
  return writer.take();
}

std::string json_quote(std::string_view text) {
  std::string out;
  append_quoted(out, text);
  return out;
}

}  // namespace doc
