#include "cli/present/keys.hpp"

#include <utility>

namespace cli {
namespace {

constexpr char kEscape = '\x1b';

std::size_t utf8_length(char lead) {
  const auto byte = static_cast<unsigned char>(lead);
  return byte < 0xC0 ? 1U : byte < 0xE0 ? 2U : byte < 0xF0 ? 3U : 4U;
}

Key::Kind control_key(char c) {
  switch (c) {
    case '\r':
    case '\n': return Key::Kind::enter;
    case '\x7f':
    case '\b': return Key::Kind::backspace;
    case '\x03':
    case '\x1c': return Key::Kind::cancel;
    case '\x04': return Key::Kind::end_of_file;
    case '\x15': return Key::Kind::erase_line;
    case '\x17': return Key::Kind::erase_word;
    case '\x10': return Key::Kind::up;
    case '\x0e': return Key::Kind::down;
    default: return Key::Kind::ignored;
  }
}

// The final byte of "ESC [ … X" or "ESC O X"; "ESC [ n ~" is told by n.
Key::Kind sequence_key(std::string_view parameters, char last) {
  switch (last) {
    case 'A': return Key::Kind::up;
    case 'B': return Key::Kind::down;
    case 'H': return Key::Kind::home;
    case 'F': return Key::Kind::end;
    case '~':
      return parameters == "5"   ? Key::Kind::page_up
             : parameters == "6" ? Key::Kind::page_down
             : parameters == "1" ? Key::Kind::home
             : parameters == "4" ? Key::Kind::end
                                 : Key::Kind::ignored;
    default: return Key::Kind::ignored;
  }
}

}  // namespace

std::optional<Key> KeyDecoder::next() {
  if (pending_.empty()) {
    return std::nullopt;
  }
  const char first = pending_.front();
  if (first == kEscape) {
    return escape_sequence();
  }
  if (static_cast<unsigned char>(first) < 0x20 || first == '\x7f') {
    pending_.erase(0, 1);
    return Key{control_key(first), {}};
  }
  const std::size_t length = utf8_length(first);
  if (pending_.size() < length) {
    return std::nullopt;
  }
  Key key{Key::Kind::text, pending_.substr(0, length)};
  pending_.erase(0, length);
  return key;
}

std::optional<Key> KeyDecoder::flush() {
  if (pending_.empty()) {
    return std::nullopt;
  }
  const bool lone_escape = pending_.size() == 1 && pending_.front() == kEscape;
  pending_.clear();
  return Key{lone_escape ? Key::Kind::cancel : Key::Kind::ignored, {}};
}

std::optional<Key> KeyDecoder::escape_sequence() {
  if (pending_.size() < 2) {
    return std::nullopt;
  }
  if (pending_[1] != '[' && pending_[1] != 'O') {
    pending_.erase(0, 2);
    return Key{};
  }
  for (std::size_t i = 2; i < pending_.size(); ++i) {
    if (pending_[i] >= 0x40 && pending_[i] <= 0x7E) {
      const Key key{sequence_key(std::string_view(pending_).substr(2, i - 2), pending_[i]), {}};
      pending_.erase(0, i + 1);
      return key;
    }
  }
  return std::nullopt;
}

void LineEditor::apply(const Key& key) {
  if (key.kind == Key::Kind::text) {
    text_ += key.text;
  } else if (key.kind == Key::Kind::erase_line) {
    text_.clear();
  } else if (key.kind == Key::Kind::backspace) {
    while (!text_.empty() && (static_cast<unsigned char>(text_.back()) & 0xC0U) == 0x80U) {
      text_.pop_back();
    }
    if (!text_.empty()) {
      text_.pop_back();
    }
  } else if (key.kind == Key::Kind::erase_word) {
    while (!text_.empty() && text_.back() == ' ') {
      text_.pop_back();
    }
    while (!text_.empty() && text_.back() != ' ') {
      text_.pop_back();
    }
  }
}

}  // namespace cli
