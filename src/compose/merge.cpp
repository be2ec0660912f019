#include "compose/merge.hpp"

#include <algorithm>
#include <string_view>
#include <unordered_map>
#include <utility>

#include "compose/go_text.hpp"

namespace compose {
namespace {

constexpr std::size_t kIndexFrom = 24;

class Merger {
 public:
  Merger(Path& path, Problems& problems) : path_(path), problems_(problems) {}

  void node(doc::Node& base, doc::Node&& over, const Place* place) {
    switch (rule_at(place).merge) {
      case Merge::none: return ordinary(base, std::move(over), place);
      case Merge::replace: base = std::move(over); return;
      case Merge::sequence:
        return append(base, as_sequence(std::move(base)), as_sequence(std::move(over)));
      case Merge::extra_hosts: return extra_hosts(base, std::move(over), place);
      case Merge::build:
        return pair(base, as_build(std::move(base)), as_build(std::move(over)), place);
      case Merge::depends_on:
        return pair(base, as_names(std::move(base), true), as_names(std::move(over), true), place);
      case Merge::names:
        return pair(
            base, as_names(std::move(base), false), as_names(std::move(over), false), place);
      case Merge::logging: return logging(base, std::move(over), place);
      case Merge::ipam_config: return ipam_config(base, std::move(over), place);
    }
  }

 private:
  void ordinary(doc::Node& base, doc::Node&& over, const Place* place) {
    if (over.is_null()) {
      return;
    }
    if (doc::Mapping* mapping = base.as_mapping()) {
      doc::Mapping* other = over.as_mapping();
      if (other == nullptr) {
        cannot_override(base, over);
      }
      mappings(*mapping, std::move(*other), place);
    } else if (doc::Sequence* sequence = base.as_sequence()) {
      doc::Sequence* other = over.as_sequence();
      if (other == nullptr) {
        cannot_override(base, over);
      }
      std::move(other->items.begin(), other->items.end(), std::back_inserter(sequence->items));
    } else {
      base = std::move(over);
    }
  }

  [[noreturn]] void cannot_override(const doc::Node& base, const doc::Node& over) {
    problems_.report({diag::Severity::error,
                      "compose.cannot-override",
                      "cannot override " + path_.text(),
                      known(over.span),
                      {{base.span, "first given here, as another kind of value"}},
                      "give it the same kind of value, or replace it with !override"});
    throw Stop{};
  }

  void mappings(doc::Mapping& base, doc::Mapping&& over, const Place* place) {
    std::unordered_map<std::string_view, std::size_t> index;
    const std::size_t known_count = base.entries.size();
    const bool indexed = known_count > kIndexFrom && over.entries.size() > 4;
    if (indexed) {
      for (std::size_t i = 0; i < known_count; ++i) {
        index.emplace(base.entries[i].key.value, i);
      }
    }
    std::vector<doc::Entry> fresh;
    for (doc::Entry& entry : over.entries) {
      doc::Node* existing = nullptr;
      if (!indexed) {
        existing = base.find(entry.key.value);
      } else if (const auto at = index.find(entry.key.value); at != index.end()) {
        existing = &base.entries[at->second].value;
      }
      if (existing == nullptr) {
        fresh.push_back(std::move(entry));
        continue;
      }
      const Step step(path_, std::string_view(entry.key.value));
      node(*existing, std::move(entry.value), below(place, entry.key.value));
    }
    std::move(fresh.begin(), fresh.end(), std::back_inserter(base.entries));
  }

  // Puts the merged pair back in the place of the base.
  void pair(doc::Node& slot, doc::Node&& base, doc::Node&& over, const Place* place) {
    doc::Node merged = std::move(base);
    mappings(*merged.as_mapping(), std::move(*over.as_mapping()), place);
    slot = std::move(merged);
  }

  void appended(doc::Node& base, doc::Node&& over, const Place* place) {
    const bool was_list = base.as_sequence() != nullptr;
    append(base, as_sequence(std::move(base)), as_sequence(std::move(over)));
    null_if_empty(base, was_list, place);
  }

  // Nothing added to nothing is null for the reference, unless the list is gone through for equal
  // entries afterwards.
  static void null_if_empty(doc::Node& node, bool was_list, const Place* place) {
    if (!was_list && node.as_sequence()->items.empty() && rule_at(place).unique == Unique::none) {
      node.value = doc::Null{};
    }
  }

  static void append(doc::Node& slot, doc::Node&& base, doc::Node&& over) {
    doc::Node merged = std::move(base);
    doc::Sequence& items = *merged.as_sequence();
    doc::Sequence& more = *over.as_sequence();
    std::move(more.items.begin(), more.items.end(), std::back_inserter(items.items));
    slot = std::move(merged);
  }

  static doc::Node with_span(doc::Node made, const diag::Span& span) {
    made.span = span;
    return made;
  }

  // {a: 1, b: null} -> [a=1, b], sorted as text; one item for a string; none for anything else.
  static doc::Node as_sequence(doc::Node&& node) {
    if (node.as_sequence() != nullptr) {
      return std::move(node);
    }
    doc::Sequence out;
    if (const doc::Mapping* mapping = node.as_mapping()) {
      for (const doc::Entry& entry : mapping->entries) {
        add_pairs(out, entry);
      }
      std::stable_sort(
          out.items.begin(), out.items.end(), [](const doc::Node& a, const doc::Node& b) {
            return *a.as_string() < *b.as_string();
          });
    } else if (text_of(node) != nullptr) {
      out.items.push_back(node);
    }
    return with_span(doc::Node{std::move(out)}, node.span);
  }

  static void add_pairs(doc::Sequence& out, const doc::Entry& entry) {
    const auto add = [&](std::string text) {
      const diag::Span span{entry.key.span.file,
                            entry.key.span.begin,
                            std::max(entry.key.span.end, entry.value.span.end)};
      out.items.push_back(with_span(doc::Node{std::move(text)}, span));
    };
    if (entry.value.is_null()) {
      add(entry.key.value);
    } else if (const doc::Sequence* values = entry.value.as_sequence()) {
      for (const doc::Node& value : values->items) {
        add(entry.key.value + "=" + plain_text(value));
      }
    } else {
      add(entry.key.value + "=" + plain_text(entry.value));
    }
  }

  void extra_hosts(doc::Node& base, doc::Node&& over, const Place* place) {
    const bool was_list = base.as_sequence() != nullptr;
    doc::Node left = as_sequence(std::move(base));
    doc::Node right = as_sequence(std::move(over));
    const std::vector<doc::Node>& there = left.as_sequence()->items;
    std::erase_if(right.as_sequence()->items, [&](const doc::Node& item) {
      return std::any_of(there.begin(), there.end(), [&](const doc::Node& other) {
        return doc::same(item, other);
      });
    });
    append(base, std::move(left), std::move(right));
    null_if_empty(base, was_list, place);
  }

  static doc::Node as_build(doc::Node&& node) {
    if (node.as_mapping() != nullptr) {
      return std::move(node);
    }
    const diag::Span span = node.span;
    doc::Mapping out;
    if (node.as_string() != nullptr) {
      out.set("context", std::move(node));
    }
    return with_span(doc::Node{std::move(out)}, span);
  }

  static doc::Node as_names(doc::Node&& node, bool dependencies) {
    if (node.as_mapping() != nullptr) {
      return std::move(node);
    }
    doc::Mapping out;
    if (const doc::Sequence* names = node.as_sequence()) {
      for (const doc::Node& name : names->items) {
        doc::Node value;
        if (dependencies) {
          value = doc::map(
              {{"condition", doc::Node{"service_started"}}, {"required", doc::Node{true}}});
        }
        value.span = name.span;
        out.set(plain_text(name), std::move(value));
        out.entries.back().key.span = name.span;
      }
    }
    return with_span(doc::Node{std::move(out)}, node.span);
  }

  void logging(doc::Node& base, doc::Node&& over, const Place* place) {
    if (base.as_mapping() == nullptr || over.as_mapping() == nullptr) {
      problems_.stop(
          "compose.invalid-value", path_.text() + " must be a mapping", known(over.span));
    }
    const doc::Node* theirs = over.find("driver");
    const doc::Node* ours = base.find("driver");
    if (theirs == nullptr || ours == nullptr || doc::same(*theirs, *ours)) {
      mappings(*base.as_mapping(), std::move(*over.as_mapping()), place);
    } else {
      base = std::move(over);
    }
  }

  static doc::Node subnet_of(const doc::Node& pool) {
    const doc::Node* subnet = pool.find("subnet");
    return subnet == nullptr ? doc::Node{} : *subnet;
  }

  // The reference's own loop, with its shared pools: an earlier pool can end up twice, a gateway
  // can be lost.
  void ipam_config(doc::Node& base, doc::Node&& over, const Place* place) {
    doc::Sequence* configs = base.as_sequence();
    doc::Sequence* overrides = over.as_sequence();
    if (configs == nullptr || overrides == nullptr) {
      problems_.stop("compose.invalid-value",
                     path_.text() + ": unexpected type " + std::string(type_name(base)),
                     known(over.span));
    }
    std::vector<doc::Node> pools = std::move(configs->items);
    const std::size_t first_override = pools.size();
    std::move(overrides->items.begin(), overrides->items.end(), std::back_inserter(pools));
    for (doc::Node& pool : pools) {
      pool = as_names(std::move(pool), false);
    }
    std::vector<std::size_t> chosen;
    const auto position = [&](const doc::Node& subnet) {
      return std::find_if(chosen.begin(), chosen.end(), [&](std::size_t c) {
        return doc::same(subnet_of(pools[c]), subnet);
      });
    };
    for (std::size_t right = 0; right < first_override; ++right) {
      for (std::size_t left = first_override; left < pools.size(); ++left) {
        if (!doc::same(subnet_of(pools[left]), subnet_of(pools[right])) &&
            position(subnet_of(pools[left])) == chosen.end()) {
          chosen.push_back(left);
          continue;
        }
        doc::Node copy = pools[left];
        mappings(*pools[right].as_mapping(), std::move(*copy.as_mapping()), place);
        if (const auto at = position(subnet_of(pools[right])); at != chosen.end()) {
          *at = right;
        } else {
          chosen.push_back(right);
        }
      }
    }
    doc::Sequence out;
    for (const std::size_t c : chosen) {
      out.items.push_back(pools[c]);
    }
    base = with_span(chosen.empty() ? doc::Node{} : doc::Node{std::move(out)}, over.span);
  }

  Path& path_;
  Problems& problems_;
};

}  // namespace

void merge(doc::Node& base, doc::Node over, const Place* place, Path& path, Problems& problems) {
  Merger(path, problems).node(base, std::move(over), place);
}

void merge_documents(doc::Node& base, doc::Node over, Problems& problems) {
  Path path;
  merge(base, std::move(over), document_place(), path, problems);
}

}  // namespace compose
