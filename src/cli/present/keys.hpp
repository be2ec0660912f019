#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace cli {

// One key press of a terminal in raw mode.
struct Key {
  enum class Kind : std::uint8_t {
    text,  // `text` is one UTF-8 character
    enter,
    backspace,
    erase_word,
    erase_line,
    up,
    down,
    page_up,
    page_down,
    home,
    end,
    cancel,       // Ctrl-C, Ctrl-\, Escape alone
    end_of_file,  // Ctrl-D
    ignored,
  };
  Kind kind = Kind::ignored;
  std::string text;
};

// Splits bytes of a terminal into keys. Incomplete sequences wait for more bytes.
class KeyDecoder {
 public:
  void feed(std::string_view bytes) { pending_ += bytes; }

  std::optional<Key> next();
  // Called when no byte came for a moment: a lone Escape is then the key.
  std::optional<Key> flush();

 private:
  std::optional<Key> escape_sequence();

  std::string pending_;
};

// The text of a prompt being typed; editing is at the end only.
class LineEditor {
 public:
  void apply(const Key& key);

  [[nodiscard]] const std::string& text() const { return text_; }

  void clear() { text_.clear(); }

 private:
  std::string text_;
};

}  // namespace cli
