#include "compose/print_json.hpp"

#include <charconv>
#include <cmath>
#include <cstdint>
#include <string_view>

#include "compose/go_text.hpp"
#include "doc/yaml_scalar.hpp"
#include "util/utf8.hpp"

namespace compose {
namespace {

// Go writes very small and very large numbers with an exponent, of one digit where one is enough.
std::string json_number(double value) {
  const double size = std::abs(value);
  const bool exponent = size != 0 && (size < 1e-6 || size >= 1e21);
  char buffer[400];
  const auto end =
      std::to_chars(buffer,
                    buffer + sizeof buffer,
                    value,
                    exponent ? std::chars_format::scientific : std::chars_format::fixed);
  std::string out(buffer, end.ptr);
  if (exponent && out.size() >= 4 && out.substr(out.size() - 4, 3) == "e-0") {
    out.erase(out.size() - 2, 1);
  }
  return out;
}

void append_json_text(std::string& out, std::string_view text) {
  constexpr std::string_view kHex = "0123456789abcdef";
  out += '"';
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    const std::string_view wide = text.substr(i, 3);
    switch (c) {
      case '"': out += "\\\""; continue;
      case '\\': out += "\\\\"; continue;
      case '\n': out += "\\n"; continue;
      case '\r': out += "\\r"; continue;
      case '\t': out += "\\t"; continue;
      case '\b': out += "\\b"; continue;
      case '\f': out += "\\f"; continue;
      default: break;
    }
    if (static_cast<unsigned char>(c) < 0x20 || c == '<' || c == '>' || c == '&') {
      out += "\\u00";
      out += kHex[static_cast<unsigned char>(c) >> 4U];
      out += kHex[static_cast<unsigned char>(c) & 15U];
    } else if (wide == "\u2028" || wide == "\u2029") {
      out += wide == "\u2028" ? "\\u2028" : "\\u2029";
      i += 2;
    } else {
      out += c;
    }
  }
  out += '"';
}

class ReferenceJson {
 public:
  explicit ReferenceJson(JsonLayout layout) : indented_(layout == JsonLayout::indented) {}

  void write(const doc::Node& node, std::size_t indent) {
    if (const doc::Mapping* mapping = node.as_mapping()) {
      write_mapping(*mapping, indent);
    } else if (const doc::Sequence* list = node.as_sequence()) {
      write_list(*list, indent);
    } else if (node.as_string() != nullptr) {
      const std::string& text = *node.as_string();
      append_json_text(out_, util::is_utf8(text) ? text : util::to_utf8_lossy(text));
    } else if (const double* number = node.as_double();
               number != nullptr && doc::unsigned_digits(node).empty()) {
      out_ += json_number(*number);
    } else {
      out_ += node.is_null() ? "null" : plain_text(node);
    }
  }

  std::string take() { return std::move(out_); }

 private:
  void line(std::size_t indent) {
    if (indented_) {
      out_ += '\n';
      out_.append(indent, ' ');
    }
  }

  void write_mapping(const doc::Mapping& mapping, std::size_t indent) {
    out_ += '{';
    for (const doc::Entry& entry : mapping.entries) {
      out_ += &entry == mapping.entries.data() ? "" : ",";
      line(indent + 2);
      append_json_text(out_, entry.key.value);
      out_ += indented_ ? ": " : ":";
      write(entry.value, indent + 2);
    }
    if (!mapping.entries.empty()) {
      line(indent);
    }
    out_ += '}';
  }

  void write_list(const doc::Sequence& list, std::size_t indent) {
    out_ += '[';
    for (const doc::Node& item : list.items) {
      out_ += &item == list.items.data() ? "" : ",";
      line(indent + 2);
      write(item, indent + 2);
    }
    if (!list.items.empty()) {
      line(indent);
    }
    out_ += ']';
  }

  std::string out_;
  bool indented_;
};

}  // namespace

std::string reference_json(const doc::Node& node, JsonLayout layout) {
  ReferenceJson writer(layout);
  writer.write(node, 0);
  return writer.take();
}

}  // namespace compose
