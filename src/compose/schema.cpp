#include "compose/schema.hpp"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <deque>
#include <map>
#include <optional>
#include <string>
#include <unordered_set>
#include <utility>
#include <vector>

#include "compose/path.hpp"
#include "doc/yaml_scalar.hpp"
#include "util/strings.hpp"

namespace compose {
namespace {

enum TypeBit : unsigned {
  kNull = 1U,
  kBoolean = 2U,
  kInteger = 4U,
  kNumber = 8U,
  kString = 16U,
  kArray = 32U,
  kObject = 64U,
};

constexpr std::pair<std::string_view, unsigned> kTypes[] = {
    {"null", kNull},
    {"boolean", kBoolean},
    {"integer", kInteger},
    {"number", kNumber},
    {"string", kString},
};

enum class TextPattern : std::uint8_t { none, container_name, pull_policy };
enum class KeyForm : std::uint8_t { extension, name, any, lower };

struct Schema {
  unsigned types = 0;                                                  // 0: any
  std::vector<std::pair<std::string_view, const Schema*>> properties;  // sorted
  std::vector<std::pair<KeyForm, const Schema*>> patterns;
  std::vector<std::string_view> required;
  bool open = false;
  const Schema* items = nullptr;
  bool unique_items = false;
  std::vector<std::string_view> words;
  std::optional<double> minimum;
  std::optional<double> maximum;
  TextPattern pattern = TextPattern::none;
  std::vector<const Schema*> one_of;
  const Schema* same_as = nullptr;
};

// Reads the table. A fault in it is a fault of this program; the tests read all of it.
class TableReader {
 public:
  explicit TableReader(std::string_view text, std::deque<Schema>& schemas)
      : rest_(text), schemas_(schemas) {}

  const Schema* read() {
    for (skip(); !rest_.empty(); skip()) {
      const std::string_view name = word();
      expect('=');
      *named(name) = *alternatives();
    }
    return named("document");
  }

 private:
  void skip() {
    while (!rest_.empty() && (rest_.front() == ' ' || rest_.front() == '\n')) {
      rest_.remove_prefix(1);
    }
  }

  bool accept(char c) {
    skip();
    if (!rest_.starts_with(c)) {
      return false;
    }
    rest_.remove_prefix(1);
    return true;
  }

  void expect(char c) { accept(c); }

  std::string_view word() {
    skip();
    std::size_t n = 0;
    while (n < rest_.size() &&
           (util::is_alnum(rest_[n]) || rest_[n] == '_' || rest_[n] == '-' || rest_[n] == '+')) {
      ++n;
    }
    const std::string_view out = rest_.substr(0, n);
    rest_.remove_prefix(n);
    return out;
  }

  Schema* make() { return &schemas_.emplace_back(); }

  Schema* named(std::string_view name) {
    Schema*& slot = named_[name];
    return slot != nullptr ? slot : slot = make();
  }

  const Schema* alternatives() {
    if (!accept('(')) {
      return types();
    }
    Schema* out = make();
    do {
      out->one_of.push_back(types());
    } while (accept('/'));
    expect(')');
    return out;
  }

  const Schema* types() {
    Schema* out = make();
    do {
      one(*out);
    } while (accept('|'));
    return out;
  }

  void one(Schema& out) {
    if (accept('@')) {
      out.same_as = named(word());
    } else if (accept('(')) {
      do {
        out.one_of.push_back(types());
      } while (accept('/'));
      expect(')');
    } else if (accept('[')) {
      out.types |= kArray;
      out.items = alternatives();
      expect(']');
      out.unique_items = accept('!');
    } else if (accept('{')) {
      out.types |= kObject;
      while (!accept('}')) {
        member(out);
        accept(',');
      }
      std::sort(out.properties.begin(), out.properties.end());
    } else {
      scalar(out);
    }
  }

  void scalar(Schema& out) {
    const std::string_view name = word();
    for (const auto& [type, bit] : kTypes) {
      out.types |= type == name ? bit : 0U;
    }
    if (accept('=')) {
      do {
        out.words.push_back(word());
      } while (accept(';'));
    }
    while (rest_.starts_with('>') || rest_.starts_with('<')) {
      const bool least = rest_.front() == '>';
      rest_.remove_prefix(2);
      double limit = 0;
      const std::string_view number = word();
      std::from_chars(number.data(), number.data() + number.size(), limit);
      (least ? out.minimum : out.maximum) = limit;
    }
    if (rest_.starts_with('~')) {
      rest_.remove_prefix(1);
      out.pattern = word() == "container" ? TextPattern::container_name : TextPattern::pull_policy;
    }
  }

  void member(Schema& out) {
    if (accept('.')) {
      rest_.remove_prefix(2);
      out.open = true;
      return;
    }
    if (accept('~')) {
      const std::string_view form = word();
      if (form == "x") {
        out.patterns.emplace_back(KeyForm::extension, nullptr);
        return;
      }
      expect(':');
      const KeyForm key = form == "name"  ? KeyForm::name
                          : form == "any" ? KeyForm::any
                                          : KeyForm::lower;
      out.patterns.emplace_back(key, alternatives());
      return;
    }
    const std::string_view key = word();
    if (accept('*')) {
      out.required.push_back(key);
    }
    expect(':');
    out.properties.emplace_back(key, alternatives());
  }

  std::string_view rest_;
  std::deque<Schema>& schemas_;
  std::map<std::string_view, Schema*> named_;
};

const Schema& document_schema() {
  static std::deque<Schema> schemas;
  static const Schema* root = TableReader(schema_table(), schemas).read();
  return *root;
}

bool key_has_form(std::string_view key, KeyForm form) {
  const auto all = [&](auto good) {
    return !key.empty() && std::all_of(key.begin(), key.end(), good);
  };
  switch (form) {
    case KeyForm::extension: return key.starts_with("x-");
    case KeyForm::name:
      return all([](char c) { return util::is_alnum(c) || c == '.' || c == '_' || c == '-'; });
    case KeyForm::any: return !key.empty();
    case KeyForm::lower: return all([](char c) { return c >= 'a' && c <= 'z'; });
  }
  return false;
}

// Contains [a-zA-Z0-9][a-zA-Z0-9_.-]+
bool looks_like_container_name(std::string_view text) {
  for (std::size_t i = 0; i + 1 < text.size(); ++i) {
    const char next = text[i + 1];
    if (util::is_alnum(text[i]) &&
        (util::is_alnum(next) || next == '_' || next == '.' || next == '-')) {
      return true;
    }
  }
  return false;
}

bool looks_like_pull_policy(std::string_view text) {
  for (const std::string_view word :
       {"always", "never", "build", "if_not_present", "missing", "refresh", "daily", "weekly"}) {
    if (text.find(word) != std::string_view::npos) {
      return true;
    }
  }
  for (std::size_t at = text.find("every_"); at != std::string_view::npos;
       at = text.find("every_", at + 1)) {
    std::size_t i = at + 6;
    const std::size_t digits = i;
    while (i < text.size() && util::is_digit(text[i])) {
      ++i;
    }
    if (i > digits && i < text.size() &&
        std::string_view("wdhms").find(text[i]) != std::string_view::npos) {
      return true;
    }
  }
  return false;
}

unsigned type_of(const doc::Node& node) {
  if (node.as_string() != nullptr) {
    return kString;
  }
  if (node.as_mapping() != nullptr) {
    return kObject;
  }
  if (node.as_sequence() != nullptr) {
    return kArray;
  }
  if (node.as_bool() != nullptr) {
    return kBoolean;
  }
  if (node.as_int() != nullptr) {
    return kInteger | kNumber;
  }
  if (const double* number = node.as_double()) {
    return kNumber | (std::floor(*number) == *number ? kInteger : 0U);
  }
  return kNull;
}

double number_of(const doc::Node& node) {
  return node.as_int() != nullptr ? static_cast<double>(*node.as_int()) : *node.as_double();
}

// The first item that equals an earlier one, as {earlier, later}.
std::optional<std::pair<std::size_t, std::size_t>> equal_items(
    const std::vector<doc::Node>& items) {
  std::unordered_set<std::string_view> texts;
  for (std::size_t i = 0; i < items.size(); ++i) {
    const std::string* text = items[i].as_string();
    if (text != nullptr && texts.insert(*text).second) {
      continue;
    }
    for (std::size_t j = 0; j < i; ++j) {
      if (doc::equivalent(items[j], items[i])) {
        return std::pair{j, i};
      }
    }
  }
  return std::nullopt;
}

const Schema* property(const Schema& schema, std::string_view key) {
  const auto at = std::lower_bound(
      schema.properties.begin(),
      schema.properties.end(),
      key,
      [](const auto& entry, std::string_view wanted) { return entry.first < wanted; });
  return at != schema.properties.end() && at->first == key ? at->second : nullptr;
}

struct KeyMatch {
  bool known = false;
  const Schema* schema = nullptr;  // null: anything
};

KeyMatch match_key(const Schema& schema, std::string_view key) {
  if (const Schema* named = property(schema, key)) {
    return {true, named};
  }
  for (const auto& [form, value] : schema.patterns) {
    if (key_has_form(key, form)) {
      return {true, value};
    }
  }
  return {};
}

bool matches(const doc::Node& node, const Schema& schema);

bool mapping_matches(const doc::Mapping& mapping, const Schema& schema) {
  for (const std::string_view key : schema.required) {
    if (mapping.find(key) == nullptr) {
      return false;
    }
  }
  return std::all_of(mapping.entries.begin(), mapping.entries.end(), [&](const doc::Entry& entry) {
    const KeyMatch match = match_key(schema, entry.key.value);
    return match.known ? match.schema == nullptr || matches(entry.value, *match.schema)
                       : schema.open;
  });
}

bool text_matches(const std::string& text, const Schema& schema) {
  if (!schema.words.empty() &&
      std::find(schema.words.begin(), schema.words.end(), text) == schema.words.end()) {
    return false;
  }
  switch (schema.pattern) {
    case TextPattern::none: break;
    case TextPattern::container_name: return looks_like_container_name(text);
    case TextPattern::pull_policy: return looks_like_pull_policy(text);
  }
  return true;
}

bool matches(const doc::Node& node, const Schema& schema) {
  if (schema.same_as != nullptr) {
    return matches(node, *schema.same_as);
  }
  if (!schema.one_of.empty()) {
    return std::any_of(schema.one_of.begin(), schema.one_of.end(), [&](const Schema* each) {
      return matches(node, *each);
    });
  }
  if (schema.types == 0) {
    return true;
  }
  if ((schema.types & type_of(node)) == 0) {
    return false;
  }
  if (const doc::Mapping* mapping = node.as_mapping()) {
    return mapping_matches(*mapping, schema);
  }
  if (const doc::Sequence* sequence = node.as_sequence()) {
    return std::all_of(sequence->items.begin(),
                       sequence->items.end(),
                       [&](const doc::Node& item) { return matches(item, *schema.items); }) &&
           !(schema.unique_items && equal_items(sequence->items));
  }
  if (const std::string* text = node.as_string()) {
    return text_matches(*text, schema);
  }
  if (schema.minimum || schema.maximum) {
    const double number = number_of(node);
    return number >= schema.minimum.value_or(number) && number <= schema.maximum.value_or(number);
  }
  return true;
}

std::string one_quoted(std::string_view text) {
  return "'" + util::replace_all(std::string(text), "'", "\\'") + "'";
}

std::string all_quoted(const std::vector<std::string_view>& names) {
  std::vector<std::string> out;
  for (const std::string_view name : names) {
    out.push_back(one_quoted(name));
  }
  return util::join(out, ", ");
}

std::string types_text(unsigned types) {
  std::vector<std::string> names;
  for (const auto& [name, bit] : kTypes) {
    if ((types & bit) != 0) {
      names.emplace_back(name);
    }
  }
  if ((types & kArray) != 0) {
    names.emplace_back("array");
  }
  if ((types & kObject) != 0) {
    names.emplace_back("mapping");
  }
  std::sort(names.begin(), names.end());
  const std::string last = names.back();
  names.pop_back();
  return names.empty() ? last : util::join(names, ", ") + " or " + last;
}

struct Fault {
  std::size_t depth = 0;
  std::string text;  // with the path in front
  std::string_view code;
  diag::Span span;
  std::string help;
};

// Finds all faults of a document that does not match.
class FaultFinder {
 public:
  std::vector<Fault> find(const doc::Node& node, const Schema& schema) {
    visit(node, schema);
    return std::move(faults_);
  }

 private:
  void visit(const doc::Node& node, const Schema& schema) {
    if (matches(node, schema)) {
      return;
    }
    if (schema.same_as != nullptr) {
      visit(node, *schema.same_as);
    } else if (!schema.one_of.empty()) {
      best_alternative(node, schema);
    } else if ((schema.types & type_of(node)) == 0) {
      add(node.span, "must be a " + types_text(schema.types), "compose.wrong-type");
    } else if (const doc::Mapping* mapping = node.as_mapping()) {
      visit_mapping(node, *mapping, schema);
    } else if (const doc::Sequence* sequence = node.as_sequence()) {
      visit_sequence(node, *sequence, schema);
    } else {
      visit_scalar(node, schema);
    }
  }

  void add(const diag::Span& span,
           const std::string& text,
           std::string_view code,
           std::string help = {},
           std::size_t extra = 0) {
    faults_.push_back({path_.size() + extra,
                       path_.text(Path::Items::bare) + " " + text,
                       code,
                       span,
                       std::move(help)});
  }

  // Of alternatives that all fail, the one that got deepest tells what was meant.
  void best_alternative(const doc::Node& node, const Schema& schema) {
    std::vector<Fault> outer = std::exchange(faults_, {});
    std::vector<Fault> best;
    std::size_t best_depth = 0;
    for (const Schema* each : schema.one_of) {
      faults_.clear();
      visit(node, *each);
      std::size_t depth = 0;
      for (const Fault& fault : faults_) {
        depth = std::max(depth, fault.depth);
      }
      if (best.empty() || depth > best_depth) {
        best = faults_;
        best_depth = depth;
      }
    }
    faults_ = std::move(outer);
    std::move(best.begin(), best.end(), std::back_inserter(faults_));
  }

  void visit_mapping(const doc::Node& node, const doc::Mapping& mapping, const Schema& schema) {
    std::vector<std::string_view> missing;
    for (const std::string_view key : schema.required) {
      if (mapping.find(key) == nullptr) {
        missing.push_back(key);
      }
    }
    if (!missing.empty()) {
      add(node.span,
          (missing.size() == 1 ? "missing property " : "missing properties ") + all_quoted(missing),
          "compose.missing-key");
    }
    std::vector<const doc::Entry*> unknown;
    for (const doc::Entry& entry : mapping.entries) {
      const KeyMatch match = match_key(schema, entry.key.value);
      const Step step(path_, std::string_view(entry.key.value));
      if (match.schema != nullptr) {
        visit(entry.value, *match.schema);
      } else if (!match.known && !schema.open) {
        unknown.push_back(&entry);
      }
    }
    if (!unknown.empty()) {
      add_unknown(std::move(unknown), schema);
    }
  }

  void add_unknown(std::vector<const doc::Entry*> unknown, const Schema& schema) {
    const diag::Span first = unknown.front()->key.span;
    std::vector<std::string> known_keys;
    for (const auto& [key, value] : schema.properties) {
      known_keys.emplace_back(key);
    }
    std::vector<std::string> guesses;
    for (const doc::Entry* entry : unknown) {
      if (const std::optional<std::string> near = util::nearest(entry->key.value, known_keys)) {
        guesses.push_back("`" + *near + "`" +
                          (unknown.size() > 1 ? " for `" + entry->key.value + "`" : ""));
      }
    }
    std::string help =
        guesses.empty() ? std::string() : "did you mean " + util::join(guesses, ", ") + "?";
    std::vector<std::string_view> names;
    for (const doc::Entry* entry : unknown) {
      names.push_back(entry->key.value);
    }
    std::sort(names.begin(), names.end());
    add(first,
        "additional properties " + all_quoted(names) + " not allowed",
        "compose.unknown-key",
        std::move(help),
        1);
  }

  void visit_sequence(const doc::Node& node, const doc::Sequence& sequence, const Schema& schema) {
    if (schema.unique_items) {
      if (const auto equal = equal_items(sequence.items)) {
        add(sequence.items[equal->second].span.file.value == 0 ? node.span
                                                               : sequence.items[equal->second].span,
            "items at " + std::to_string(equal->first) + " and " + std::to_string(equal->second) +
                " are equal",
            "compose.duplicate-item");
      }
    }
    for (std::size_t i = 0; i < sequence.items.size(); ++i) {
      const Step step(path_, i);
      visit(sequence.items[i], *schema.items);
    }
  }

  void visit_scalar(const doc::Node& node, const Schema& schema) {
    if (!schema.words.empty()) {
      std::vector<std::string> words(schema.words.begin(), schema.words.end());
      const std::optional<std::string> near = util::nearest(*node.as_string(), words);
      add(node.span,
          (words.size() == 1 ? "value must be " : "value must be one of ") +
              all_quoted(schema.words),
          "compose.invalid-value",
          near ? "did you mean `" + *near + "`?" : "");
    } else if (schema.pattern != TextPattern::none) {
      const std::string_view pattern =
          schema.pattern == TextPattern::container_name
              ? "[a-zA-Z0-9][a-zA-Z0-9_.-]+"
              : "always|never|build|if_not_present|missing|refresh|daily|weekly|every_([0-9]+[wdhms])+";
      add(node.span,
          one_quoted(*node.as_string()) + " does not match pattern " + one_quoted(pattern),
          "compose.invalid-value");
    } else if (schema.minimum && number_of(node) < *schema.minimum) {
      add(node.span,
          "must be greater than or equal to " + doc::number_text(*schema.minimum),
          "compose.out-of-range");
    } else {
      add(node.span,
          "must be less than or equal to " + doc::number_text(schema.maximum.value_or(0)),
          "compose.out-of-range");
    }
  }

  std::vector<Fault> faults_;
  Path path_;
};

// JSON knows no infinity, and the schema is one of JSON.
const doc::Node* find_not_finite(const doc::Node& node) {
  if (const double* number = node.as_double(); number != nullptr && !std::isfinite(*number)) {
    return &node;
  }
  if (const doc::Mapping* mapping = node.as_mapping()) {
    for (const doc::Entry& entry : mapping->entries) {
      if (const doc::Node* found = find_not_finite(entry.value)) {
        return found;
      }
    }
  } else if (const doc::Sequence* sequence = node.as_sequence()) {
    for (const doc::Node& item : sequence->items) {
      if (const doc::Node* found = find_not_finite(item)) {
        return found;
      }
    }
  }
  return nullptr;
}

}  // namespace

void validate_schema(const doc::Node& root, std::string_view file, Problems& problems) {
  const std::string prefix = "validating " + std::string(file) + ": ";
  if (const doc::Node* number = find_not_finite(root)) {
    problems.stop("compose.invalid-value",
                  prefix + "json: unsupported value: " + doc::number_text(*number->as_double()),
                  known(number->span));
  }
  if (matches(root, document_schema())) {
    return;
  }
  for (Fault& fault : FaultFinder().find(root, document_schema())) {
    problems.error(fault.code, prefix + fault.text, known(fault.span), std::move(fault.help));
  }
  problems.stop_if_failed();
}

}  // namespace compose
