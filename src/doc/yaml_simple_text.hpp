#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "doc/yaml_events.hpp"

namespace doc {

// Only printable characters, spaces and line feeds, as UTF-8.
bool is_simple_text(std::string_view text);

// Where SimpleYamlEvents is in its text, and the scalars that it finds there. Faults, and what is
// beyond it, throw NotSimple.
class SimpleText {
 public:
  explicit SimpleText(std::string_view text) : text_(text) {}

  [[nodiscard]] std::size_t position() const { return at_; }

  // Back to a position of the current line.
  void back_to(std::size_t position) { at_ = position; }

  [[nodiscard]] bool at_end() const { return at_ == text_.size(); }

  // The character `ahead` of here; a line feed behind the end.
  [[nodiscard]] char peek(std::size_t ahead = 0) const {
    return at_ + ahead < text_.size() ? text_[at_ + ahead] : '\n';
  }

  // A space or the end of the line.
  [[nodiscard]] bool is_blank(std::size_t ahead = 0) const {
    return peek(ahead) == ' ' || peek(ahead) == '\n';
  }

  void advance(std::size_t bytes = 1) {
    at_ += bytes;
    fresh_ = false;
  }

  [[nodiscard]] int column() const { return static_cast<int>(at_ - line_start_); }

  void skip_spaces() {
    while (at_ < text_.size() && text_[at_] == ' ') {
      ++at_;
    }
  }

  // To the next token, over spaces, comments and line ends. True when it is the first of its line,
  // or there is none.
  bool to_token();
  // The same at the start, where a document marker may stand.
  void to_first_token();
  // The rest of a line must be spaces and perhaps a comment; stops at its end.
  void end_line();
  // `---` or `...` in the first column.
  [[nodiscard]] bool at_document_marker() const;

  [[nodiscard]] std::string_view since(std::size_t begin) const {
    return text_.substr(begin, at_ - begin);
  }

  // Each fills `event`'s text and place. `word` reads what may follow `&`, `*` and `!`.
  std::string_view word();
  void plain(YamlEvent& event, bool in_flow);
  void quoted(YamlEvent& event);
  // `indent` is the column of the collection around it.
  void block_scalar(YamlEvent& event, int indent);

 private:
  void single_quoted(YamlEvent& event);
  void double_quoted(YamlEvent& event);
  void escape();
  void code_point(std::size_t digits);
  [[nodiscard]] int block_indent(int least) const;
  std::uint32_t blank_lines(int indent, std::string& breaks);
  void skip_comment();
  void skip_to_token();
  void start_line();

  std::string_view text_;
  std::size_t at_ = 0;
  std::size_t line_start_ = 0;
  bool fresh_ = true;   // nothing but spaces before this place in its line
  std::string buffer_;  // a text that is not in the file as it is
};

}  // namespace doc
