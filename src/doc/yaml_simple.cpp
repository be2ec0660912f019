#include "doc/yaml_simple.hpp"

#include <cstddef>
#include <cstdint>
#include <vector>

#include "doc/yaml_simple_text.hpp"

namespace doc {
namespace {

constexpr std::size_t kDeepest = 200;
// Readers look for the `:` of a key within 1,024 characters.
constexpr std::size_t kLongestKey = 1000;

class SimpleYamlEvents final : public YamlEvents {
 public:
  explicit SimpleYamlEvents(std::string_view text) : text_(text) {}

  void next(YamlEvent& event) override {
    event.anchor = {};
    event.tag = {};
    event.text = {};
    event.plain = false;
    switch (step_) {
      case Step::document_start: return document_start(event);
      case Step::root: return root(event);
      case Step::inside: return inside(event);
      case Step::stream_end: event.kind = Kind::stream_end; return;
    }
  }

  [[nodiscard]] bool has_positions() const override { return false; }

 private:
  using Kind = YamlEvent::Kind;
  enum class Step : std::uint8_t { document_start, root, inside, stream_end };
  enum class Collection : std::uint8_t {
    block_mapping,
    block_sequence,
    flow_mapping,
    flow_sequence
  };
  // What may come next in a collection.
  enum class Expected : std::uint8_t { first, key, value, missing_value, separator };

  struct Level {
    Collection collection = Collection::block_mapping;
    Expected expected = Expected::first;
    bool indentless = false;  // a sequence in the column of its key
    int indent = -1;
    std::size_t mark = 0;  // behind the last `:` or `-`
  };

  // Anchor and tag of the node to come.
  struct Properties {
    bool any = false;
    bool new_line_behind = false;
    std::size_t begin = 0;
    std::size_t end = 0;
  };

  static void place(YamlEvent& event, Kind kind, std::size_t begin, std::size_t end) {
    event.kind = kind;
    event.begin = static_cast<std::uint32_t>(begin);
    event.end = static_cast<std::uint32_t>(end);
  }

  void document_start(YamlEvent& event) {
    text_.to_first_token();
    if (text_.column() == 0 && text_.at_document_marker()) {
      text_.advance(2);
      if (text_.peek() != '-') {
        throw NotSimple{};
      }
      text_.advance();
      text_.end_line();
    }
    text_.to_token();
    place(event, Kind::document_start, 0, 0);
    step_ = Step::root;
  }

  void root(YamlEvent& event) {
    if (text_.at_end()) {
      throw NotSimple{};
    }
    step_ = Step::inside;
    node(event, -1, false, true, 0);
    if (levels_.empty()) {
      throw NotSimple{};
    }
  }

  void inside(YamlEvent& event) {
    if (levels_.empty()) {
      text_.to_token();
      if (!text_.at_end()) {
        throw NotSimple{};
      }
      place(event, Kind::document_end, text_.position(), text_.position());
      step_ = Step::stream_end;
      return;
    }
    switch (levels_.back().collection) {
      case Collection::block_mapping: return block_mapping(event);
      case Collection::block_sequence: return block_sequence(event);
      case Collection::flow_mapping: return flow_mapping(event);
      case Collection::flow_sequence: return flow_sequence(event);
    }
  }

  void open(Collection collection, int indent, bool indentless) {
    if (levels_.size() >= kDeepest) {
      throw NotSimple{};
    }
    levels_.push_back({collection, Expected::first, indentless, indent, 0});
  }

  void close(YamlEvent& event, Kind kind, std::size_t end) {
    place(event, kind, text_.position(), end);
    levels_.pop_back();
  }

  // To the next token of a block collection, which starts a line unless it is the collection's
  // first. Returns its column, -1 at the end of the text.
  int block_column() {
    const bool new_line = text_.to_token();
    if (!new_line && levels_.back().expected != Expected::first) {
      throw NotSimple{};
    }
    return text_.at_end() ? -1 : text_.column();
  }

  [[nodiscard]] bool at_dash() const { return text_.peek() == '-' && text_.is_blank(1); }

  void block_mapping(YamlEvent& event) {
    Level& level = levels_.back();
    if (level.expected == Expected::value) {
      level.expected = Expected::key;
      const int indent = level.indent;
      const std::size_t mark = level.mark;
      return node(event, indent, true, text_.to_token(), mark);
    }
    const int column = block_column();
    if (column < level.indent) {
      return close(event, Kind::mapping_end, text_.position());
    }
    if (column > level.indent) {
      throw NotSimple{};
    }
    scalar(event, false);
    if (!take_colon(event)) {
      throw NotSimple{};
    }
    level.expected = Expected::value;
    level.mark = text_.position();
  }

  // The `:` behind a key of a block mapping.
  bool take_colon(const YamlEvent& key) {
    text_.skip_spaces();
    if (text_.peek() != ':' || !text_.is_blank(1) || key.end - key.begin > kLongestKey) {
      return false;
    }
    text_.advance();
    return true;
  }

  void block_sequence(YamlEvent& event) {
    Level& level = levels_.back();
    const int column = block_column();
    if (column == level.indent && at_dash()) {
      level.expected = Expected::key;
      text_.advance();
      const int indent = level.indent;
      const std::size_t mark = text_.position();
      return node(event, indent, false, text_.to_token(), mark);
    }
    if (column > level.indent || (column == level.indent && !level.indentless)) {
      throw NotSimple{};
    }
    close(event, Kind::sequence_end, text_.position());
  }

  // The node of a block collection of column `indent`, at a token. `mark` is where an empty one is.
  void node(YamlEvent& event, int indent, bool of_mapping, bool new_line, std::size_t mark) {
    const bool outside = new_line && (text_.at_end() || text_.column() <= indent);
    const bool indentless =
        outside && of_mapping && !text_.at_end() && text_.column() == indent && at_dash();
    if (outside && !indentless) {
      return empty(event, mark, mark);
    }
    const Properties own = indentless ? Properties{} : properties(event, new_line);
    if (own.new_line_behind) {
      return below_properties(event, indent, of_mapping, own);
    }
    content(event, indent, of_mapping, new_line, indentless, own);
  }

  void empty(YamlEvent& event, std::size_t begin, std::size_t end) {
    place(event, Kind::scalar, begin, end);
    event.plain = true;
  }

  void below_properties(YamlEvent& event, int indent, bool of_mapping, const Properties& own) {
    const bool outside = text_.at_end() || text_.column() <= indent;
    const bool indentless =
        outside && of_mapping && !text_.at_end() && text_.column() == indent && at_dash();
    if (outside && !indentless) {
      return empty(event, own.begin, own.end);
    }
    if (text_.peek() == '&' || text_.peek() == '!') {
      throw NotSimple{};
    }
    content(event, indent, of_mapping, true, indentless, own);
  }

  // `&anchor` and `!tag` of a node in the line of its key or dash.
  Properties properties(YamlEvent& event, bool new_line) {
    Properties own;
    for (char c = text_.peek(); c == '&' || c == '!'; c = text_.peek()) {
      if (own.new_line_behind || (new_line && !own.any)) {
        throw NotSimple{};
      }
      own.begin = own.any ? own.begin : text_.position();
      own.any = true;
      property(event, c);
      own.end = text_.position();
      if (!text_.is_blank()) {
        throw NotSimple{};
      }
      own.new_line_behind = text_.to_token();
      if (own.new_line_behind) {
        break;
      }
    }
    return own;
  }

  void property(YamlEvent& event, char indicator) {
    const std::size_t begin = text_.position();
    text_.advance();
    std::string_view& out = indicator == '&' ? event.anchor : event.tag;
    if (!out.empty()) {
      throw NotSimple{};
    }
    if (indicator == '!' && text_.peek() == '!') {
      text_.advance();
    }
    const std::string_view word = text_.word();
    out = indicator == '&' ? word : text_.since(begin);
  }

  void content(YamlEvent& event,
               int indent,
               bool of_mapping,
               bool new_line,
               bool indentless,
               const Properties& own) {
    const std::size_t at = text_.position();
    const std::size_t begin = own.any ? own.begin : at;
    const char c = text_.peek();
    if (at_dash()) {
      if (!new_line && (of_mapping || own.any)) {
        throw NotSimple{};
      }
      open(Collection::block_sequence, text_.column(), indentless);
      return place(event, Kind::sequence_start, begin, indentless ? at + 1 : at);
    }
    switch (c) {
      case '*': alias(event, own); return text_.end_line();
      case '[':
      case '{': return flow_start(event, begin);
      case '|':
      case '>': text_.block_scalar(event, indent); break;
      default: {
        const int column = text_.column();
        scalar(event, false);
        if (take_colon(event)) {
          return mapping_start(event, column, !new_line && (of_mapping || own.any), at, begin);
        }
        if (!event.plain) {
          text_.end_line();
        }
      }
    }
    event.begin = static_cast<std::uint32_t>(begin);
  }

  // The scalar just read is the first key of a mapping: that comes first, the key again with the
  // next event.
  void mapping_start(YamlEvent& event,
                     int column,
                     bool misplaced,
                     std::size_t key,
                     std::size_t begin) {
    if (misplaced) {
      throw NotSimple{};
    }
    text_.back_to(key);
    open(Collection::block_mapping, column, false);
    event.text = {};
    event.plain = false;
    place(event, Kind::mapping_start, begin, key);
  }

  void scalar(YamlEvent& event, bool in_flow) {
    if (text_.peek() == '"' || text_.peek() == '\'') {
      text_.quoted(event);
    } else {
      text_.plain(event, in_flow);
    }
  }

  void alias(YamlEvent& event, const Properties& own) {
    if (own.any) {
      throw NotSimple{};
    }
    const std::size_t begin = text_.position();
    text_.advance();
    event.anchor = text_.word();
    place(event, Kind::alias, begin, text_.position());
  }

  void flow_start(YamlEvent& event, std::size_t begin) {
    const bool sequence = text_.peek() == '[';
    text_.advance();
    open(sequence ? Collection::flow_sequence : Collection::flow_mapping, 0, false);
    place(event, sequence ? Kind::sequence_start : Kind::mapping_start, begin, text_.position());
  }

  void flow_end(YamlEvent& event, Kind kind) {
    close(event, kind, text_.position() + 1);
    text_.advance();
    if (levels_.empty() || levels_.back().collection == Collection::block_mapping ||
        levels_.back().collection == Collection::block_sequence) {
      text_.end_line();
    }
  }

  // To the next token, over the comma between entries. False at the collection's end.
  bool flow_entry(Level& level, char closing) {
    flow_token();
    if (level.expected == Expected::separator && text_.peek() == ',') {
      text_.advance();
      flow_token();
    } else if (level.expected == Expected::separator && text_.peek() != closing) {
      throw NotSimple{};
    }
    return text_.peek() != closing;
  }

  void flow_token() {
    text_.to_token();
    if (text_.at_end()) {
      throw NotSimple{};
    }
  }

  void flow_sequence(YamlEvent& event) {
    Level& level = levels_.back();
    if (!flow_entry(level, ']')) {
      return flow_end(event, Kind::sequence_end);
    }
    level.expected = Expected::separator;
    flow_node(event);
  }

  void flow_mapping(YamlEvent& event) {
    Level& level = levels_.back();
    if (level.expected == Expected::value || level.expected == Expected::missing_value) {
      const bool missing = level.expected == Expected::missing_value;
      level.expected = Expected::separator;
      flow_token();
      if (missing || text_.peek() == ',' || text_.peek() == '}') {
        return empty(event, text_.position(), text_.position());
      }
      return flow_node(event);
    }
    if (!flow_entry(level, '}')) {
      return flow_end(event, Kind::mapping_end);
    }
    scalar(event, true);
    text_.skip_spaces();
    if (text_.peek() == ':' && event.end - event.begin <= kLongestKey) {
      text_.advance();
      level.expected = Expected::value;
    } else if (text_.peek() == ',' || text_.peek() == '}') {
      level.expected = Expected::missing_value;
    } else {
      throw NotSimple{};
    }
  }

  void flow_node(YamlEvent& event) {
    const Properties own = properties(event, false);
    if (own.new_line_behind) {
      throw NotSimple{};
    }
    const std::size_t begin = own.any ? own.begin : text_.position();
    switch (text_.peek()) {
      case '*': return alias(event, own);
      case '[':
      case '{': return flow_start(event, begin);
      default: scalar(event, true);
    }
    event.begin = static_cast<std::uint32_t>(begin);
  }

  SimpleText text_;
  Step step_ = Step::document_start;
  std::vector<Level> levels_;
};

}  // namespace

std::unique_ptr<YamlEvents> simple_yaml_events(std::string_view text) {
  return is_simple_text(text) ? std::make_unique<SimpleYamlEvents>(text) : nullptr;
}

}  // namespace doc
