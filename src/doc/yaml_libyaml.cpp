#include "doc/yaml_libyaml.hpp"

#include <algorithm>
#include <cstddef>
#include <string>
#include <utility>
#include <vector>

#include <yaml.h>

#include "doc/yaml_words.hpp"

namespace doc {
namespace {

// libyaml counts characters; spans count bytes. The two differ only in texts that are not ASCII.
class Offsets {
 public:
  explicit Offsets(std::string_view text) : size_(static_cast<std::uint32_t>(text.size())) {
    if (text.starts_with("\xEF\xBB\xBF")) {
      bom_ = 3;
      text.remove_prefix(3);
    }
    if (std::all_of(
            text.begin(), text.end(), [](char c) { return static_cast<signed char>(c) >= 0; })) {
      return;
    }
    starts_.reserve(text.size() + 1);
    for (std::size_t i = 0; i < text.size(); ++i) {
      if ((static_cast<unsigned char>(text[i]) & 0xC0U) != 0x80U) {
        starts_.push_back(static_cast<std::uint32_t>(i));
      }
    }
    starts_.push_back(static_cast<std::uint32_t>(text.size()));
  }

  [[nodiscard]] std::uint32_t byte(std::size_t index) const {
    if (!starts_.empty()) {
      return bom_ + starts_[std::min(index, starts_.size() - 1)];
    }
    return std::min(bom_ + static_cast<std::uint32_t>(index), size_);
  }

 private:
  std::uint32_t size_;
  std::uint32_t bom_ = 0;
  std::vector<std::uint32_t> starts_;
};

class RawEvent {
 public:
  RawEvent() = default;
  RawEvent(const RawEvent&) = delete;
  RawEvent& operator=(const RawEvent&) = delete;

  ~RawEvent() { clear(); }

  void clear() {
    if (owned_) {
      yaml_event_delete(&raw_);
      owned_ = false;
    }
  }

  bool next(yaml_parser_t& parser) {
    clear();
    owned_ = yaml_parser_parse(&parser, &raw_) != 0;
    return owned_;
  }

  [[nodiscard]] yaml_event_type_t type() const { return raw_.type; }

  [[nodiscard]] const yaml_event_t& raw() const { return raw_; }

 private:
  yaml_event_t raw_{};
  bool owned_ = false;
};

std::string_view as_view(const yaml_char_t* text) {
  return text == nullptr ? std::string_view{}
                         : std::string_view(reinterpret_cast<const char*>(text));
}

// Core tags in their short form; anything else as it is written.
std::string short_tag(std::string_view tag) {
  constexpr std::string_view kCore = "tag:yaml.org,2002:";
  if (tag.starts_with(kCore)) {
    return "!!" + std::string(tag.substr(kCore.size()));
  }
  return std::string(tag);
}

class LibyamlEvents final : public YamlEvents {
 public:
  LibyamlEvents(std::string_view text, diag::FileId file)
      : file_(file),
        text_(text),
        offsets_(text),
        has_escaped_slash_(text.find("\\/") != std::string_view::npos) {
    yaml_parser_initialize(&parser_);
    yaml_parser_set_input_string(
        &parser_, reinterpret_cast<const unsigned char*>(text.data()), text.size());
  }

  LibyamlEvents(const LibyamlEvents&) = delete;
  LibyamlEvents& operator=(const LibyamlEvents&) = delete;

  ~LibyamlEvents() override { yaml_parser_delete(&parser_); }

  void next(YamlEvent& event) override {
    do {
      if (!raw_.next(parser_)) {
        fail_parser();
      }
    } while (raw_.type() == YAML_STREAM_START_EVENT);
    event = {};
    event.begin = offsets_.byte(raw_.raw().start_mark.index);
    event.end = offsets_.byte(raw_.raw().end_mark.index);
    event.line = raw_.raw().start_mark.line;
    event.column = raw_.raw().start_mark.column;
    fill(event);
  }

  [[nodiscard]] bool has_positions() const override { return true; }

 private:
  using Kind = YamlEvent::Kind;

  void fill(YamlEvent& event) {
    const auto& data = raw_.raw().data;
    switch (raw_.type()) {
      case YAML_NO_EVENT:
      case YAML_STREAM_START_EVENT:
      case YAML_STREAM_END_EVENT: event.kind = Kind::stream_end; break;
      case YAML_DOCUMENT_START_EVENT:
        event.kind = Kind::document_start;
        check_version();
        break;
      case YAML_DOCUMENT_END_EVENT: event.kind = Kind::document_end; break;
      case YAML_ALIAS_EVENT:
        event.kind = Kind::alias;
        event.anchor = as_view(data.alias.anchor);
        break;
      case YAML_SCALAR_EVENT: fill_scalar(event); break;
      case YAML_SEQUENCE_START_EVENT:
        event.kind = Kind::sequence_start;
        properties(event, data.sequence_start.anchor, data.sequence_start.tag);
        break;
      case YAML_SEQUENCE_END_EVENT: event.kind = Kind::sequence_end; break;
      case YAML_MAPPING_START_EVENT:
        event.kind = Kind::mapping_start;
        properties(event, data.mapping_start.anchor, data.mapping_start.tag);
        break;
      case YAML_MAPPING_END_EVENT: event.kind = Kind::mapping_end; break;
    }
  }

  void fill_scalar(YamlEvent& event) {
    const auto& scalar = raw_.raw().data.scalar;
    event.kind = Kind::scalar;
    event.text = {reinterpret_cast<const char*>(scalar.value), scalar.length};
    event.plain = scalar.style == YAML_PLAIN_SCALAR_STYLE;
    properties(event, scalar.anchor, scalar.tag);
    if (scalar.style == YAML_DOUBLE_QUOTED_SCALAR_STYLE && has_escaped_slash_) {
      check_escapes(event);
    }
  }

  void properties(YamlEvent& event, const yaml_char_t* anchor, const yaml_char_t* tag) {
    event.anchor = as_view(anchor);
    tag_ = short_tag(as_view(tag));
    event.tag = tag_;
  }

  void check_version() const {
    const yaml_version_directive_t* version = raw_.raw().data.document_start.version_directive;
    if (version != nullptr && (version->major != 1 || version->minor != 1)) {
      fail(yaml_position(0, 0) + ": found incompatible YAML document", raw_.raw().start_mark);
    }
  }

  [[noreturn]] void fail(std::string message, const yaml_mark_t& mark) const {
    throw YamlFailure{{std::move(message),
                       {file_, offsets_.byte(mark.index), offsets_.byte(mark.index)},
                       false,
                       {},
                       {}}};
  }

  [[noreturn]] void fail_parser() const {
    const std::string problem = parser_.problem == nullptr ? "invalid YAML" : parser_.problem;
    // go-yaml looks at a version where it stands, libyaml behind all directives.
    if (problem == "found duplicate %YAML directive" &&
        text_.find("%YAML 1.1") != text_.find("%YAML")) {
      fail(yaml_position(0, 0) + ": found incompatible YAML document", parser_.problem_mark);
    }
    if (parser_.error == YAML_READER_ERROR) {
      const auto at = static_cast<std::uint32_t>(std::min(parser_.problem_offset, text_.size()));
      throw YamlFailure{{"offset " + std::to_string(parser_.problem_offset) + ": " + problem,
                         {file_, at, at},
                         false,
                         {},
                         {}}};
    }
    if (parser_.error == YAML_PARSER_ERROR) {
      fail_ahead();
    }
    fail_parser(parser_, problem);
  }

  // go-yaml looks two tokens ahead, for comments: what its scanner stumbles over there is told
  // before what its parser does not expect here.
  void fail_ahead() const {
    yaml_parser_t scanner;
    yaml_parser_initialize(&scanner);
    const std::unique_ptr<yaml_parser_t, decltype(&yaml_parser_delete)> owner(&scanner,
                                                                              yaml_parser_delete);
    yaml_parser_set_input_string(
        &scanner, reinterpret_cast<const unsigned char*>(text_.data()), text_.size());
    int ahead = 0;
    for (bool ended = false; !ended && ahead <= 2;) {
      yaml_token_t token;
      if (yaml_parser_scan(&scanner, &token) == 0) {
        if (scanner.error == YAML_SCANNER_ERROR) {
          fail_parser(scanner, scanner.problem);
        }
        return;
      }
      const bool reached = token.start_mark.index >= parser_.problem_mark.index;
      ahead += ahead > 0 || reached ? 1 : 0;
      ended = token.type == YAML_STREAM_END_TOKEN;
      yaml_token_delete(&token);
    }
  }

  [[noreturn]] void fail_parser(const yaml_parser_t& parser, const std::string& problem) const {
    std::string message;
    const yaml_mark_t& mark = parser.problem_mark;
    const yaml_mark_t& context = parser.context_mark;
    const bool has_context = parser.context != nullptr;
    // go-yaml counts the lines of its parser from zero, those of its scanner from one.
    const std::size_t first = parser.error == YAML_SCANNER_ERROR ? 1 : 0;
    if (has_context) {
      message = std::string(parser.context) + " at " +
                yaml_position(context.line + first, context.column) + ": ";
    }
    if (!has_context || context.line != mark.line || context.column != mark.column) {
      message += yaml_position(mark.line + first, mark.column) + ": ";
    }
    fail(message + problem, mark);
  }

  [[noreturn]] void fail_escape(std::size_t at) const {
    const yaml_mark_t& start = raw_.raw().start_mark;
    const std::size_t line_start = text_.rfind('\n', at) + 1;
    const auto line = static_cast<std::size_t>(
        std::count(text_.begin(), text_.begin() + static_cast<std::ptrdiff_t>(at), '\n'));
    fail("while scanning a quoted scalar at " + yaml_position(start.line + 1, start.column) + ": " +
             yaml_position(line + 1, at - line_start) + ": found unknown escape character",
         start);
  }

  // go-yaml knows no `\/`.
  void check_escapes(const YamlEvent& where) const {
    for (std::size_t i = where.begin; i + 1 < where.end; ++i) {
      if (text_[i] == '\\') {
        if (text_[i + 1] == '/') {
          fail_escape(i);
        }
        ++i;
      }
    }
  }

  diag::FileId file_;
  std::string_view text_;
  Offsets offsets_;
  bool has_escaped_slash_;
  yaml_parser_t parser_{};
  RawEvent raw_;
  std::string tag_;
};

}  // namespace

std::unique_ptr<YamlEvents> libyaml_events(std::string_view text, diag::FileId file) {
  return std::make_unique<LibyamlEvents>(text, file);
}

}  // namespace doc
