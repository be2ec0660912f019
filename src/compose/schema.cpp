#include "compose/schema.hpp"

#include <algorithm>
#include <cmath>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "compose/path.hpp"
#include "compose/schema_type.hpp"
#include "doc/yaml_scalar.hpp"
#include "util/strings.hpp"

namespace compose {
namespace {

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
  for (const auto& [name, bit] : kScalarTypes) {
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
