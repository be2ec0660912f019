#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "util/environment.hpp"

namespace cli {

// What a stream of output can show.
struct Screen {
  bool is_terminal = false;
  bool colour = false;  // a terminal, TERM is not "dumb", NO_COLOR is unset or empty
  int columns = 80;
  int rows = 24;
};

// Where text goes: stdout is the result, stderr the conversation. Not buffered.
class Output {
 public:
  Output() = default;
  Output(const Output&) = delete;
  Output& operator=(const Output&) = delete;
  virtual ~Output() = default;
  virtual void write(std::string_view text) = 0;
  [[nodiscard]] virtual Screen screen() const = 0;
};

class DescriptorOutput final : public Output {
 public:
  DescriptorOutput(int descriptor, const util::Environment& environment);
  void write(std::string_view text) override;
  [[nodiscard]] Screen screen() const override;  // asks for the width each time: windows change

  // errno of the first write that failed for another reason than a closed pipe; 0 when none did.
  [[nodiscard]] int failure() const { return failure_; }

 private:
  int descriptor_;
  Screen screen_;
  std::optional<int> fixed_columns_;  // $COLUMNS
  int failure_ = 0;
  bool closed_ = false;
};

// For tests, and for composing text before it is shown.
class StringOutput final : public Output {
 public:
  explicit StringOutput(Screen screen = {}) : screen_(screen) {}

  void write(std::string_view text) override { text_ += text; }

  [[nodiscard]] Screen screen() const override { return screen_; }

  [[nodiscard]] const std::string& text() const { return text_; }

 private:
  Screen screen_;
  std::string text_;
};

class Input {
 public:
  Input() = default;
  Input(const Input&) = delete;
  Input& operator=(const Input&) = delete;
  virtual ~Input() = default;
  [[nodiscard]] virtual bool is_terminal() const = 0;
  // The descriptor behind it, for raw terminal mode; -1 when there is none.
  [[nodiscard]] virtual int descriptor() const = 0;
  // Everything up to the end of the stream; nothing when reading failed.
  virtual std::optional<std::string> read_all() = 0;
};

class DescriptorInput final : public Input {
 public:
  explicit DescriptorInput(int descriptor) : descriptor_(descriptor) {}

  [[nodiscard]] bool is_terminal() const override;

  [[nodiscard]] int descriptor() const override { return descriptor_; }

  std::optional<std::string> read_all() override;

 private:
  int descriptor_;
};

class StringInput final : public Input {
 public:
  explicit StringInput(std::string text) : text_(std::move(text)) {}

  [[nodiscard]] bool is_terminal() const override { return false; }

  [[nodiscard]] int descriptor() const override { return -1; }

  std::optional<std::string> read_all() override { return std::exchange(text_, {}); }

 private:
  std::string text_;
};

enum class Style : std::uint8_t { plain, bold, red, green, yellow, blue, magenta, cyan, grey };

// `text` in a style, or as it is when the screen has no colour.
std::string styled(std::string_view text, Style style, const Screen& screen);

// Columns `text` takes on a terminal (UTF-8; wide East Asian characters count two, escape sequences
// nothing).
std::size_t display_width(std::string_view text);

// `text` without styles, cut to `columns` with an ellipsis when it is longer.
std::string fit_to_width(std::string_view text, std::size_t columns);

}  // namespace cli
