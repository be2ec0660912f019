#include "doc/yaml_reader.hpp"

#include <algorithm>
#include <cstddef>
#include <memory>
#include <optional>
#include <unordered_map>
#include <unordered_set>
#include <utility>

#include <yaml.h>

#include "doc/json_writer.hpp"
#include "doc/yaml_scalar.hpp"
#include "util/strings.hpp"

namespace doc {
namespace {

constexpr int kMaxDepth = 1000;
constexpr std::size_t kMaxAliased = 1'000'000;  // nodes copied for aliases

struct Failure {
  YamlError error;
};

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

class Event {
 public:
  Event() = default;
  Event(const Event&) = delete;
  Event& operator=(const Event&) = delete;

  ~Event() { clear(); }

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

// As go-yaml prints a mark: line 0 is unknown, column 0 is left out, others count from one.
std::string position_text(std::size_t line, std::size_t column) {
  if (line == 0) {
    return "<unknown position>";
  }
  std::string out = "line " + std::to_string(line);
  return column == 0 ? out : out + ", column " + std::to_string(column + 1);
}

// Core tags in their short form; anything else as it is written.
std::string short_tag(std::string_view tag) {
  constexpr std::string_view kCore = "tag:yaml.org,2002:";
  if (tag.starts_with(kCore)) {
    return "!!" + std::string(tag.substr(kCore.size()));
  }
  return std::string(tag);
}

bool is_core(std::string_view tag) {
  return tag.starts_with("!!");
}

std::string go_key(const ScalarValue& value) {
  if (const auto* b = std::get_if<bool>(&value.value)) {
    return *b ? "true" : "false";
  }
  if (const auto* i = std::get_if<std::int64_t>(&value.value)) {
    return std::to_string(*i);
  }
  if (const auto* d = std::get_if<double>(&value.value)) {
    return number_text(*d);
  }
  if (const auto* s = std::get_if<std::string>(&value.value)) {
    return json_quote(*s);
  }
  return "<nil>";
}

// time.Date(2024, time.January, 1, 0, 0, 0, 0, time.UTC)
std::string go_date(std::string_view rfc3339) {
  static constexpr std::string_view kMonths[] = {"January",
                                                 "February",
                                                 "March",
                                                 "April",
                                                 "May",
                                                 "June",
                                                 "July",
                                                 "August",
                                                 "September",
                                                 "October",
                                                 "November",
                                                 "December"};
  const auto number = [&](std::size_t at, std::size_t length) {
    return util::parse_int(rfc3339.substr(at, length)).value_or(0);
  };
  std::string out = "time.Date(" + std::to_string(number(0, 4)) + ", time." +
                    std::string(kMonths[static_cast<std::size_t>(number(5, 2)) - 1]);
  for (const std::size_t at : {std::size_t{8}, std::size_t{11}, std::size_t{14}, std::size_t{17}}) {
    out += ", " + std::to_string(number(at, 2));
  }
  return out + ", 0, time.UTC)";
}

// A key that is a collection, as Go's %#v shows it.
std::string go_value(const Node& node) {
  std::string parts;
  if (const Mapping* mapping = node.as_mapping()) {
    for (const Entry& entry : mapping->entries) {
      parts +=
          (parts.empty() ? "" : ", ") + json_quote(entry.key.value) + ":" + go_value(entry.value);
    }
    return "map[string]interface {}{" + parts + "}";
  }
  if (const Sequence* sequence = node.as_sequence()) {
    for (const Node& item : sequence->items) {
      parts += (parts.empty() ? "" : ", ") + go_value(item);
    }
    return "[]interface {}{" + parts + "}";
  }
  return node.is_null() ? "interface {}(nil)" : go_key(ScalarValue{node.value, false});
}

// Finds out whether a mapping has a key already. Small mappings are searched, large ones hashed.
class SeenKeys {
 public:
  // The entry with an equal key; null when `key` is new.
  const Entry* find(const Mapping& mapping, const std::string& key) {
    if (mapping.entries.size() > kHashFrom) {
      for (; hashed_ < mapping.entries.size(); ++hashed_) {
        index_.emplace(mapping.entries[hashed_].key.value, hashed_);
      }
      const auto at = index_.find(key);
      return at == index_.end() ? nullptr : &mapping.entries[at->second];
    }
    for (const Entry& entry : mapping.entries) {
      if (entry.key.value == key) {
        return &entry;
      }
    }
    return nullptr;
  }

 private:
  static constexpr std::size_t kHashFrom = 24;
  std::unordered_map<std::string, std::size_t> index_;
  std::size_t hashed_ = 0;
};

// One step on the way to a node.
struct ReaderStep {
  const std::string* key = nullptr;
  std::size_t index = 0;
};

struct Anchored {
  Node node;
  std::size_t count = 1;
};

class Reader {
 public:
  Reader(std::string_view text, diag::FileId file, YamlTags tags)
      : file_(file),
        tags_(tags),
        offsets_(text),
        has_escaped_slash_(text.find("\\/") != std::string_view::npos),
        text_(text) {
    yaml_parser_initialize(&parser_);
    yaml_parser_set_input_string(
        &parser_, reinterpret_cast<const unsigned char*>(text.data()), text.size());
  }

  Reader(const Reader&) = delete;
  Reader& operator=(const Reader&) = delete;

  ~Reader() { yaml_parser_delete(&parser_); }

  YamlStream read() {
    YamlStream out;
    try {
      while (true) {
        next();
        if (event_.type() == YAML_STREAM_END_EVENT || event_.type() == YAML_NO_EVENT) {
          break;
        }
        if (event_.type() == YAML_DOCUMENT_START_EVENT) {
          out.documents.push_back(document());
        }
      }
    } catch (Failure& failure) {
      out.errors.push_back(std::move(failure.error));
    }
    return out;
  }

 private:
  YamlDocument document() {
    check_version();
    document_ = {};
    path_.clear();
    decoded_ = 0;
    aliased_ = 0;
    next();
    first_line_ = event_.raw().start_mark.line + 1;
    document_.root = node(0);
    next();  // document end
    throw_deferred();
    return std::move(document_);
  }

  void check_version() const {
    const yaml_version_directive_t* version = event_.raw().data.document_start.version_directive;
    if (version != nullptr && (version->major != 1 || version->minor != 1)) {
      fail(position_text(0, 0) + ": found incompatible YAML document", event_.raw().start_mark);
    }
  }

  void next() {
    if (!event_.next(parser_)) {
      fail_parser();
    }
  }

  [[noreturn]] void fail(std::string message, const yaml_mark_t& mark) const {
    throw Failure{{std::move(message),
                   {file_, offsets_.byte(mark.index), offsets_.byte(mark.index)},
                   false,
                   {},
                   false}};
  }

  [[noreturn]] void fail_at(const std::string& message, const yaml_mark_t& mark) const {
    fail(position_text(mark.line + 1, mark.column) + ": " + message, mark);
  }

  // Faults of a well-formed document wait for its end: what is not well-formed further down is told
  // first. go-yaml names the line of the document's root in front of them.
  YamlError construction(std::string fault, const yaml_mark_t& mark) const {
    const std::uint32_t at = offsets_.byte(mark.index);
    std::string message = "construct errors:\n  line " + std::to_string(first_line_) + ": " + fault;
    return {std::move(message), {file_, at, at}, true, std::move(fault), false};
  }

  void defer(std::optional<YamlError>& slot, std::string fault, const yaml_mark_t& mark) const {
    if (!slot) {
      slot = construction(std::move(fault), mark);
    }
  }

  void throw_deferred() {
    for (std::optional<YamlError>* slot : {&structure_fault_, &value_fault_}) {
      if (*slot) {
        throw Failure{std::move(**slot)};
      }
    }
  }

  [[noreturn]] void fail_parser() const {
    const std::string problem = parser_.problem == nullptr ? "invalid YAML" : parser_.problem;
    if (parser_.error == YAML_READER_ERROR) {
      const auto at = static_cast<std::uint32_t>(std::min(parser_.problem_offset, text_.size()));
      throw Failure{{"offset " + std::to_string(parser_.problem_offset) + ": " + problem,
                     {file_, at, at},
                     false,
                     {},
                     false}};
    }
    std::string message;
    const yaml_mark_t& mark = parser_.problem_mark;
    const yaml_mark_t& context = parser_.context_mark;
    const bool has_context = parser_.context != nullptr;
    // go-yaml counts the lines of its parser from zero, those of its scanner from one.
    const std::size_t first = parser_.error == YAML_SCANNER_ERROR ? 1 : 0;
    if (has_context) {
      message = std::string(parser_.context) + " at " +
                position_text(context.line + first, context.column) + ": ";
    }
    if (!has_context || context.line != mark.line || context.column != mark.column) {
      message += position_text(mark.line + first, mark.column) + ": ";
    }
    fail(message + problem, mark);
  }

  [[nodiscard]] diag::Span span() const {
    return {file_,
            offsets_.byte(event_.raw().start_mark.index),
            offsets_.byte(event_.raw().end_mark.index)};
  }

  void count(std::size_t nodes, bool by_alias) {
    decoded_ += nodes;
    aliased_ += by_alias ? nodes : 0;
    if (aliased_ <= 100 || decoded_ <= 1000) {
      return;
    }
    const double total = static_cast<double>(decoded_);
    double allowed = 0.99;
    if (total >= 4'000'000) {
      allowed = 0.10;
    } else if (total > 400'000) {
      allowed = 0.99 - 0.89 * (total - 400'000) / 3'600'000;
    }
    if (static_cast<double>(aliased_) / total > allowed || aliased_ > kMaxAliased) {
      throw Failure{
          construction("yaml: document contains excessive aliasing", event_.raw().start_mark)};
    }
  }

  // The node that starts with the current event.
  Node node(int depth) {
    if (depth > kMaxDepth) {
      fail_at("exceeded max depth of " + std::to_string(kMaxDepth), event_.raw().start_mark);
    }
    switch (event_.type()) {
      case YAML_ALIAS_EVENT: return alias();
      case YAML_SCALAR_EVENT: return scalar();
      case YAML_SEQUENCE_START_EVENT: return sequence(depth);
      case YAML_MAPPING_START_EVENT: return mapping(depth);
      case YAML_NO_EVENT:
      case YAML_STREAM_START_EVENT:
      case YAML_STREAM_END_EVENT:
      case YAML_DOCUMENT_START_EVENT:
      case YAML_DOCUMENT_END_EVENT:
      case YAML_SEQUENCE_END_EVENT:
      case YAML_MAPPING_END_EVENT: break;
    }
    fail("did not find expected node content", event_.raw().start_mark);
  }

  Node alias() {
    const std::string name(as_view(event_.raw().data.alias.anchor));
    const auto at = anchors_.find(name);
    if (at == anchors_.end()) {
      yaml_mark_t mark = event_.raw().start_mark;
      ++mark.column;
      fail_at("unknown anchor '" + name + "' referenced", mark);
    }
    if (!at->second) {
      defer(structure_fault_, cycle_text(name), event_.raw().start_mark);
      Node nothing;
      nothing.span = span();
      return nothing;
    }
    count(at->second->count, true);
    return at->second->node;
  }

  // An alias inside of its own anchor: where it is met first, and where it would be met again.
  std::string cycle_text(const std::string& anchor) {
    std::vector<ReaderStep> again = path_;
    const std::size_t depth = std::min(open_depths_[anchor], path_.size());
    again.insert(again.end(), path_.begin() + static_cast<std::ptrdiff_t>(depth), path_.end());
    return "cycle detected: node at path " + dotted(again) + " references node at path " +
           dotted(path_);
  }

  static std::string dotted(const std::vector<ReaderStep>& path) {
    std::string out;
    for (const ReaderStep& step : path) {
      out += out.empty() ? "" : ".";
      out += step.key == nullptr ? std::to_string(step.index) : *step.key;
    }
    return out;
  }

  void remember(const std::string& anchor, const Node& node, std::size_t before) {
    if (!anchor.empty()) {
      anchors_[anchor] = std::make_unique<Anchored>(Anchored{node, decoded_ - before});
    }
  }

  // An anchor whose node is still being read: an alias to it would contain itself.
  std::string open_anchor(const yaml_char_t* name) {
    if (name == nullptr) {
      return {};
    }
    std::string anchor(as_view(name));
    if (!anchor.empty()) {
      anchors_[anchor] = nullptr;
      open_depths_[anchor] = path_.size();
    }
    return anchor;
  }

  void take_tag(Node& node, const yaml_char_t* tag) {
    if (tag == nullptr) {
      return;
    }
    std::string text = short_tag(as_view(tag));
    if (text != "!" && !is_core(text)) {
      node.tag = std::move(text);
      document_.has_tags = true;
    }
  }

  Node scalar() {
    const std::size_t before = decoded_;
    count(1, false);
    const auto& raw = event_.raw().data.scalar;
    const std::string anchor = open_anchor(raw.anchor);
    Node out;
    out.span = span();
    const std::string_view text(reinterpret_cast<const char*>(raw.value), raw.length);
    if (raw.style == YAML_DOUBLE_QUOTED_SCALAR_STYLE && has_escaped_slash_) {
      check_escapes(out.span);
    }
    set_scalar(out, text);
    take_tag(out, raw.tag);
    remember(anchor, out, before);
    return out;
  }

  void set_scalar(Node& out, std::string_view text) {
    const auto& raw = event_.raw().data.scalar;
    const std::string tag = raw.tag == nullptr ? "" : short_tag(as_view(raw.tag));
    if (is_core(tag)) {
      std::optional<ScalarValue> value = resolve_tagged_scalar(tag, text);
      if (value) {
        set(out, std::move(*value));
      } else {
        defer(value_fault_,
              "yaml: cannot construct !!str `" + std::string(text) + "` as a " + tag,
              event_.raw().start_mark);
      }
    } else if (raw.style == YAML_PLAIN_SCALAR_STYLE && (tag.empty() || tag == "!")) {
      set(out, resolve_plain_scalar(text));
    } else {
      out.value.emplace<std::string>(text);
    }
  }

  void set(Node& out, ScalarValue value) {
    out.value = std::move(value.value);
    if (value.is_timestamp) {
      out.tag = kTimestampTag;
    }
  }

  [[noreturn]] void fail_escape(std::size_t at) const {
    const yaml_mark_t& start = event_.raw().start_mark;
    const std::size_t line_start = text_.rfind('\n', at) + 1;
    const auto line = static_cast<std::size_t>(
        std::count(text_.begin(), text_.begin() + static_cast<std::ptrdiff_t>(at), '\n'));
    fail("while scanning a quoted scalar at " + position_text(start.line + 1, start.column) + ": " +
             position_text(line + 1, at - line_start) + ": found unknown escape character",
         start);
  }

  // go-yaml knows no `\/`.
  void check_escapes(const diag::Span& where) const {
    for (std::size_t i = where.begin; i + 1 < where.end; ++i) {
      if (text_[i] == '\\') {
        if (text_[i + 1] == '/') {
          fail_escape(i);
        }
        ++i;
      }
    }
  }

  Node sequence(int depth) {
    const std::size_t before = decoded_;
    count(1, false);
    Node out;
    out.span = span();
    take_tag(out, event_.raw().data.sequence_start.tag);
    const std::string anchor = open_anchor(event_.raw().data.sequence_start.anchor);
    Sequence items;
    for (next(); event_.type() != YAML_SEQUENCE_END_EVENT; next()) {
      path_.push_back({nullptr, items.items.size()});
      items.items.push_back(node(depth + 1));
      path_.pop_back();
    }
    out.span.end = offsets_.byte(event_.raw().end_mark.index);
    out.value = std::move(items);
    remember(anchor, out, before);
    return out;
  }

  struct MergeSource {
    Node value;
    yaml_mark_t mark{};
  };

  Node mapping(int depth) {
    const std::size_t before = decoded_;
    count(1, false);
    Node out;
    out.span = span();
    take_tag(out, event_.raw().data.mapping_start.tag);
    const std::string anchor = open_anchor(event_.raw().data.mapping_start.anchor);
    Mapping entries;
    std::optional<MergeSource> merge;
    SeenKeys seen;
    for (next(); event_.type() != YAML_MAPPING_END_EVENT; next()) {
      entry(entries, merge, seen, depth);
    }
    const std::uint32_t end = offsets_.byte(event_.raw().end_mark.index);
    if (merge) {
      apply_merge(entries, *merge);
    }
    out.span.end = end;
    out.value = std::move(entries);
    remember(anchor, out, before);
    return out;
  }

  void entry(Mapping& entries, std::optional<MergeSource>& merge, SeenKeys& seen, int depth) {
    Entry made;
    const yaml_mark_t mark = event_.raw().start_mark;
    const bool is_merge = is_merge_key();
    key(made, depth);
    if (is_merge && merge) {
      duplicate("<<", mark, merge->mark.line + 1, depth);
    } else if (const Entry* other = is_merge ? nullptr : seen.find(entries, made.key.value)) {
      duplicate(made.key.value, mark, line_of(other->key.span.begin), depth);
    }
    next();
    if (is_merge) {
      merge.emplace(MergeSource{node(depth + 1), mark});
      return;
    }
    path_.push_back({&made.key.value, 0});
    made.value = node(depth + 1);
    path_.pop_back();
    entries.entries.push_back(std::move(made));
  }

  [[nodiscard]] std::size_t line_of(std::size_t offset) const {
    const auto end = text_.begin() + static_cast<std::ptrdiff_t>(std::min(offset, text_.size()));
    return static_cast<std::size_t>(std::count(text_.begin(), end, '\n')) + 1;
  }

  void duplicate(const std::string& key, const yaml_mark_t& mark, std::size_t line, int depth) {
    defer(structure_fault_,
          "line " + std::to_string(mark.line + 1) + ": mapping key " + json_quote(key) +
              " already defined at line " + std::to_string(line),
          mark);
    structure_fault_->top_level_duplicate = structure_fault_->top_level_duplicate || depth == 0;
  }

  [[nodiscard]] bool is_merge_key() const {
    if (event_.type() != YAML_SCALAR_EVENT) {
      return false;
    }
    const auto& raw = event_.raw().data.scalar;
    return raw.style == YAML_PLAIN_SCALAR_STYLE &&
           std::string_view(reinterpret_cast<const char*>(raw.value), raw.length) == "<<" &&
           (raw.tag == nullptr || short_tag(as_view(raw.tag)) == "!!merge");
  }

  // The key that starts with the current event, as a string; others are written down for the
  // caller.
  void key(Entry& out, int depth) {
    const diag::Span where = span();
    out.key.span = where;
    Node made = node(depth + 1);
    if (std::string* text = made.as_string(); text != nullptr && made.tag != kTimestampTag) {
      out.key.value = std::move(*text);
      return;
    }
    std::string printed;
    if (made.as_mapping() != nullptr || made.as_sequence() != nullptr) {
      defer(value_fault_,
            "yaml: cannot use '" + go_value(made) + "' as a map key; try decoding into yaml.Node",
            event_.raw().start_mark);
      return;
    }
    printed = made.tag == kTimestampTag ? go_date(*made.as_string())
                                        : go_key(ScalarValue{made.value, false});
    out.key.value = printed;
    document_.odd_keys.push_back({where_text(), std::move(printed), where});
  }

  [[nodiscard]] std::string where_text() const {
    std::string out;
    for (const ReaderStep& step : path_) {
      if (step.key == nullptr) {
        out += "[" + std::to_string(step.index) + "]";
      } else {
        out += (out.empty() ? "" : ".") + *step.key;
      }
    }
    return out;
  }

  void fail_merge(const yaml_mark_t& mark) {
    defer(value_fault_, "yaml: map merge requires map or sequence of maps as the value", mark);
  }

  void apply_merge(Mapping& entries, MergeSource& merge) {
    std::unordered_set<std::string> present;
    for (const Entry& entry : entries.entries) {
      if (!is_reset(entry.value)) {
        present.insert(entry.key.value);
      }
    }
    if (Mapping* source = merge.value.as_mapping()) {
      add_merged(entries, *source, present);
    } else if (Sequence* list = merge.value.as_sequence()) {
      for (Node& item : list->items) {
        Mapping* each = item.as_mapping();
        if (each == nullptr) {
          return fail_merge(merge.mark);
        }
        add_merged(entries, *each, present);
      }
    } else if (!merge.value.is_null() || merge.value.tag != "!reset") {
      fail_merge(merge.mark);
    }
    if (tags_ == YamlTags::compose && document_.has_tags) {
      std::stable_partition(entries.entries.begin(), entries.entries.end(), [](const Entry& e) {
        return !is_reset(e.value);
      });
    }
  }

  static bool is_reset(const Node& node) { return node.tag == "!reset"; }

  void add_merged(Mapping& entries, Mapping& source, std::unordered_set<std::string>& present) {
    for (Entry& entry : source.entries) {
      if (is_reset(entry.value) || present.insert(entry.key.value).second) {
        entries.entries.push_back(std::move(entry));
      }
    }
  }

  diag::FileId file_;
  YamlTags tags_;
  Offsets offsets_;
  bool has_escaped_slash_;
  std::string_view text_;
  yaml_parser_t parser_{};
  Event event_;
  YamlDocument document_;
  std::vector<ReaderStep> path_;
  std::unordered_map<std::string, std::unique_ptr<Anchored>> anchors_;
  std::size_t decoded_ = 0;
  std::size_t aliased_ = 0;
  std::size_t first_line_ = 1;
  std::unordered_map<std::string, std::size_t> open_depths_;
  std::optional<YamlError> structure_fault_;
  std::optional<YamlError> value_fault_;
};

}  // namespace

YamlStream read_yaml(std::string_view text, diag::FileId file, YamlTags tags) {
  return Reader(text, file, tags).read();
}

}  // namespace doc
