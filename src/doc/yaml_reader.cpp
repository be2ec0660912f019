#include "doc/yaml_reader.hpp"

#include <algorithm>
#include <cstddef>
#include <functional>
#include <iterator>
#include <memory>
#include <optional>
#include <span>
#include <unordered_map>
#include <unordered_set>
#include <utility>

#include "doc/json_writer.hpp"
#include "doc/yaml_events.hpp"
#include "doc/yaml_libyaml.hpp"
#include "doc/yaml_scalar.hpp"
#include "doc/yaml_simple.hpp"
#include "doc/yaml_words.hpp"

namespace doc {
namespace {

constexpr int kMaxDepth = 1000;
constexpr std::size_t kMostDocuments = 1000;
constexpr std::size_t kMaxAliased = 1'000'000;  // nodes copied for aliases

using Kind = YamlEvent::Kind;

bool is_core(std::string_view tag) {
  return tag.starts_with("!!");
}

// Finds out whether a mapping has a key already. Small mappings are searched, large ones hashed.
class SeenKeys {
 public:
  // The entry with an equal key; null when `key` is new.
  const Entry* find(std::span<const Entry> entries, const std::string& key) {
    if (entries.size() <= kHashFrom) {
      const auto at = std::find_if(entries.begin(), entries.end(), [&](const Entry& entry) {
        return entry.key.value == key;
      });
      return at == entries.end() ? nullptr : &*at;
    }
    for (; hashed_ < entries.size(); ++hashed_) {
      index_.emplace(hash_(entries[hashed_].key.value), hashed_);
    }
    const auto [first, last] = index_.equal_range(hash_(key));
    for (auto at = first; at != last; ++at) {
      if (entries[at->second].key.value == key) {
        return &entries[at->second];
      }
    }
    return nullptr;
  }

 private:
  static constexpr std::size_t kHashFrom = 24;
  std::hash<std::string> hash_;
  std::unordered_multimap<std::size_t, std::size_t> index_;
  std::size_t hashed_ = 0;
};

// Where a fault will be told.
struct Mark {
  std::uint32_t begin = 0;
  std::size_t line = 0;
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
  Reader(std::string_view text,
         diag::FileId file,
         YamlTags tags,
         std::size_t most_nodes,
         YamlEvents& events)
      : file_(file), tags_(tags), most_nodes_(most_nodes), text_(text), events_(events) {}

  YamlStream read() {
    YamlStream out;
    try {
      for (next(); event_.kind != Kind::stream_end; next()) {
        if (event_.kind == Kind::document_start) {
          if (out.documents.size() == kMostDocuments) {
            throw YamlFailure{
                {"more than " + std::to_string(kMostDocuments) + " documents", span(), {}, {}, {}}};
          }
          out.documents.push_back(document());
        }
      }
    } catch (YamlFailure& failure) {
      out.errors.push_back(std::move(failure.error));
    }
    out.nodes = nodes_ + decoded_;
    return out;
  }

 private:
  YamlDocument document() {
    document_ = {};
    path_.clear();
    nodes_ += decoded_;
    decoded_ = 0;
    aliased_ = 0;
    next();
    first_line_ = event_.line + 1;
    document_.root = node(0);
    next();  // document end
    throw_deferred();
    return std::move(document_);
  }

  void next() { events_.next(event_); }

  // Faults are told with lines: events without them have to be read again.
  void need_positions() const {
    if (!events_.has_positions()) {
      throw NotSimple{};
    }
  }

  [[noreturn]] void fail(std::string message) const {
    need_positions();
    throw YamlFailure{{std::move(message), {file_, event_.begin, event_.begin}, false, {}, {}}};
  }

  [[noreturn]] void fail_at(std::size_t column, const std::string& message) const {
    fail(yaml_position(event_.line + 1, column) + ": " + message);
  }

  // Faults of a well-formed document wait for its end: what is not well-formed further down is told
  // first. go-yaml names the line of the document's root in front of them.
  [[nodiscard]] YamlError construction(std::string fault, std::uint32_t at) const {
    need_positions();
    // Except for what Compose replaces: that is read apart.
    std::string message =
        "construct errors:\n  " +
        (overrides_ != 0 ? fault : "line " + std::to_string(first_line_) + ": " + fault);
    return {std::move(message), {file_, at, at}, true, std::move(fault), {}};
  }

  void defer(std::optional<YamlError>& slot, std::string fault, std::uint32_t at) const {
    if (!slot && resets_ == 0) {
      slot = construction(std::move(fault), at);
    }
  }

  void throw_deferred() {
    for (std::optional<YamlError>* slot : {&structure_fault_, &value_fault_}) {
      if (*slot) {
        (*slot)->root_duplicates = root_duplicates_;
        throw YamlFailure{std::move(**slot)};
      }
    }
  }

  [[nodiscard]] diag::Span span() const { return {file_, event_.begin, event_.end}; }

  void count(std::size_t nodes, bool by_alias) {
    decoded_ += nodes;
    aliased_ += by_alias ? nodes : 0;
    if (nodes_ + decoded_ > most_nodes_) {
      throw YamlFailure{
          {"more than " + std::to_string(most_nodes_) + " values", span(), {}, {}, {}}};
    }
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
      throw YamlFailure{construction("yaml: document contains excessive aliasing", event_.begin)};
    }
  }

  // The node that starts with the current event.
  Node node(int depth) {
    if (depth > kMaxDepth) {
      fail_at(event_.column, "exceeded max depth of " + std::to_string(kMaxDepth));
    }
    switch (event_.kind) {
      case Kind::alias: return alias();
      case Kind::scalar: return scalar();
      case Kind::sequence_start: return sequence(depth);
      case Kind::mapping_start: return mapping(depth);
      case Kind::stream_end:
      case Kind::document_start:
      case Kind::document_end:
      case Kind::sequence_end:
      case Kind::mapping_end: break;
    }
    fail("did not find expected node content");
  }

  Node alias() {
    const std::string name(event_.anchor);
    const auto at = anchors_.find(name);
    if (at == anchors_.end()) {
      fail_at(event_.column + 1, "unknown anchor '" + name + "' referenced");
    }
    if (!at->second) {
      defer(structure_fault_, cycle_text(name), event_.begin);
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

  // The anchor of a node that is being read: an alias to it would contain itself.
  std::string open_anchor() {
    std::string anchor(event_.anchor);
    if (!anchor.empty()) {
      anchors_[anchor] = nullptr;
      open_depths_[anchor] = path_.size();
    }
    return anchor;
  }

  void take_tag(Node& node) {
    if (!event_.tag.empty() && event_.tag != "!" && !is_core(event_.tag)) {
      node.tag = event_.tag;
      document_.has_tags = true;
    }
  }

  Node scalar() {
    const std::size_t before = decoded_;
    count(1, false);
    const std::string anchor = open_anchor();
    Node out;
    out.span = span();
    set_scalar(out);
    take_tag(out);
    remember(anchor, out, before);
    return out;
  }

  void set_scalar(Node& out) {
    if (is_core(event_.tag)) {
      if (std::optional<ScalarValue> value = resolve_tagged_scalar(event_.tag, event_.text)) {
        set(out, std::move(*value));
      } else {
        defer(value_fault_,
              "yaml: cannot construct !!str `" + std::string(event_.text) + "` as a " +
                  std::string(event_.tag),
              event_.begin);
      }
    } else if (event_.plain && (event_.tag.empty() || event_.tag == "!")) {
      set(out, resolve_plain_scalar(event_.text));
    } else {
      out.value.emplace<std::string>(event_.text);
    }
  }

  void set(Node& out, ScalarValue value) {
    out.value = std::move(value.value);
    if (value.is_timestamp) {
      out.tag = kTimestampTag;
    } else if (!value.unsigned_digits.empty()) {
      out.tag = std::string(kUnsignedTag) + value.unsigned_digits;
    }
  }

  // What is in a collection that Compose drops or replaces.
  class Replaced {
   public:
    Replaced(Reader& reader, const Node& node)
        : reader_(reader),
          resets_(reader.tags_ == YamlTags::compose && node.tag == "!reset" ? 1 : 0),
          overrides_(reader.tags_ == YamlTags::compose && node.tag == "!override" ? 1 : 0) {
      reader_.resets_ += resets_;
      reader_.overrides_ += overrides_;
    }

    Replaced(const Replaced&) = delete;
    Replaced& operator=(const Replaced&) = delete;

    ~Replaced() {
      reader_.resets_ -= resets_;
      reader_.overrides_ -= overrides_;
    }

   private:
    Reader& reader_;
    int resets_;
    int overrides_;
  };

  Node sequence(int depth) {
    const std::size_t before = decoded_;
    count(1, false);
    Node out;
    out.span = span();
    take_tag(out);
    const Replaced replaced(*this, out);
    const std::string anchor = open_anchor();
    const std::size_t first = open_items_.size();
    for (next(); event_.kind != Kind::sequence_end; next()) {
      path_.push_back({nullptr, open_items_.size() - first});
      open_items_.push_back(node(depth + 1));
      path_.pop_back();
    }
    out.span.end = event_.end;
    out.value = Sequence{taken_from(open_items_, first)};
    remember(anchor, out, before);
    return out;
  }

  // What was gathered for one collection: its vector has just the room that it needs.
  template <class T>
  static std::vector<T> taken_from(std::vector<T>& open, std::size_t first) {
    const auto begin = open.begin() + static_cast<std::ptrdiff_t>(first);
    std::vector<T> out(std::make_move_iterator(begin), std::make_move_iterator(open.end()));
    open.erase(begin, open.end());
    return out;
  }

  struct MergeSource {
    Node value;
    Mark mark;
  };

  Node mapping(int depth) {
    const std::size_t before = decoded_;
    count(1, false);
    Node out;
    out.span = span();
    take_tag(out);
    const Replaced replaced(*this, out);
    const std::string anchor = open_anchor();
    const std::size_t first = open_entries_.size();
    std::optional<MergeSource> merge;
    SeenKeys seen;
    for (next(); event_.kind != Kind::mapping_end; next()) {
      entry(first, merge, seen, depth);
    }
    out.span.end = event_.end;
    Mapping entries{taken_from(open_entries_, first)};
    if (merge) {
      apply_merge(entries, *merge);
    }
    out.value = std::move(entries);
    remember(anchor, out, before);
    return out;
  }

  void entry(std::size_t first, std::optional<MergeSource>& merge, SeenKeys& seen, int depth) {
    Entry made;
    const Mark mark{event_.begin, event_.line};
    const bool is_merge = is_merge_key();
    key(made, depth);
    if (is_merge && merge) {
      duplicate("<<", mark, merge->mark.line + 1, depth);
    } else if (!is_merge) {
      if (const Entry* other = seen.find(std::span(open_entries_).subspan(first), made.key.value)) {
        duplicate(made.key.value, mark, line_of(other->key.span.begin), depth);
      }
    }
    next();
    if (is_merge) {
      merge.emplace(MergeSource{node(depth + 1), mark});
      return;
    }
    path_.push_back({&made.key.value, 0});
    made.value = node(depth + 1);
    path_.pop_back();
    open_entries_.push_back(std::move(made));
  }

  [[nodiscard]] std::size_t line_of(std::size_t offset) const {
    const auto end = text_.begin() + static_cast<std::ptrdiff_t>(std::min(offset, text_.size()));
    return static_cast<std::size_t>(std::count(text_.begin(), end, '\n')) + 1;
  }

  void duplicate(const std::string& key, const Mark& mark, std::size_t line, int depth) {
    const std::string fault = "line " + std::to_string(mark.line + 1) + ": mapping key " +
                              json_quote(key) + " already defined at line " + std::to_string(line);
    defer(structure_fault_, fault, mark.begin);
    if (depth == 0) {
      root_duplicates_ += (root_duplicates_.empty() ? "" : "\n  ") + fault;
    }
  }

  [[nodiscard]] bool is_merge_key() const {
    return event_.kind == Kind::scalar && event_.plain && event_.text == "<<" &&
           (event_.tag.empty() || event_.tag == "!!merge");
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
    if (made.as_mapping() != nullptr || made.as_sequence() != nullptr) {
      defer(value_fault_,
            "yaml: cannot use '" + go_value(made) + "' as a map key; try decoding into yaml.Node",
            event_.begin);
      return;
    }
    std::string printed = go_key(made);
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

  void fail_merge(const Mark& mark) {
    defer(
        value_fault_, "yaml: map merge requires map or sequence of maps as the value", mark.begin);
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
  std::size_t most_nodes_;
  std::string_view text_;
  YamlEvents& events_;
  YamlEvent event_;
  // The entries and items of the collections around the current event, outermost first.
  std::vector<Entry> open_entries_;
  std::vector<Node> open_items_;
  YamlDocument document_;
  std::vector<ReaderStep> path_;
  std::unordered_map<std::string, std::unique_ptr<Anchored>> anchors_;
  std::size_t nodes_ = 0;  // of the documents before
  std::size_t decoded_ = 0;
  std::size_t aliased_ = 0;
  std::size_t first_line_ = 1;
  int resets_ = 0;
  int overrides_ = 0;
  std::unordered_map<std::string, std::size_t> open_depths_;
  std::optional<YamlError> structure_fault_;
  std::string root_duplicates_;
  std::optional<YamlError> value_fault_;
};

}  // namespace

YamlStream read_yaml(std::string_view text,
                     diag::FileId file,
                     YamlTags tags,
                     std::size_t most_nodes) {
  if (const std::unique_ptr<YamlEvents> simple = simple_yaml_events(text)) {
    try {
      return Reader(text, file, tags, most_nodes, *simple).read();
    } catch (const NotSimple&) {
      // All of it again, with the source that knows everything and tells what is wrong.
    }
  }
  return read_any_yaml(text, file, tags, most_nodes);
}

YamlStream read_any_yaml(std::string_view text,
                         diag::FileId file,
                         YamlTags tags,
                         std::size_t most_nodes) {
  const std::unique_ptr<YamlEvents> events = libyaml_events(text, file);
  return Reader(text, file, tags, most_nodes, *events).read();
}

}  // namespace doc
