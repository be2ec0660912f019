#include "compose/document.hpp"

#include <span>
#include <utility>

#include "doc/yaml_scalar.hpp"

namespace compose {
namespace {

class TagTaker {
 public:
  explicit TagTaker(Resets& resets) : resets_(resets) {}

  void walk(doc::Node& node) {
    if (node.tag == "!override") {
      resets_.push_back(path_);
      clear_tags(node);
      return;
    }
    clear_tag(node);
    if (doc::Mapping* mapping = node.as_mapping()) {
      std::erase_if(mapping->entries, [&](doc::Entry& entry) {
        path_.push_back(entry.key.value);
        const bool reset = entry.value.tag == "!reset";
        if (reset) {
          resets_.push_back(path_);
        } else {
          walk(entry.value);
        }
        path_.pop_back();
        return reset;
      });
    } else if (doc::Sequence* sequence = node.as_sequence()) {
      std::size_t index = 0;
      std::erase_if(sequence->items, [&](doc::Node& item) {
        path_.push_back(std::to_string(index++));
        const bool reset = item.tag == "!reset";
        if (reset) {
          resets_.push_back(path_);
        } else {
          walk(item);
        }
        path_.pop_back();
        return reset;
      });
    }
  }

 private:
  static void clear_tag(doc::Node& node) {
    if (node.tag != doc::kTimestampTag && doc::unsigned_digits(node).empty()) {
      node.tag.clear();
    }
  }

  static void clear_tags(doc::Node& node) {
    clear_tag(node);
    if (doc::Mapping* mapping = node.as_mapping()) {
      for (doc::Entry& entry : mapping->entries) {
        clear_tags(entry.value);
      }
    } else if (doc::Sequence* sequence = node.as_sequence()) {
      for (doc::Node& item : sequence->items) {
        clear_tags(item);
      }
    }
  }

  Resets& resets_;
  std::vector<std::string> path_;
};

void remove_path(doc::Node& target, std::span<const std::string> path) {
  doc::Mapping* mapping = target.as_mapping();
  if (mapping == nullptr || path.empty()) {
    return;
  }
  if (path.size() == 1) {
    mapping->erase(path.front());
  } else if (doc::Node* next = mapping->find(path.front())) {
    remove_path(*next, path.subspan(1));
  }
}

}  // namespace

Document take_document(doc::YamlDocument document, Problems& problems) {
  if (!document.odd_keys.empty()) {
    const doc::OddKey& odd = document.odd_keys.front();
    problems.stop("compose.key-not-text",
                  "non-string key " + (odd.where.empty() ? "at top level" : "in " + odd.where) +
                      ": " + odd.key,
                  odd.span,
                  "put the key in quotes");
  }
  Document out;
  if (document.has_tags) {
    TagTaker(out.resets).walk(document.root);
  }
  if (document.root.as_mapping() == nullptr) {
    problems.stop(
        "compose.not-a-mapping", "top-level object must be a mapping", known(document.root.span));
  }
  out.root = std::move(document.root);
  return out;
}

void apply_resets(doc::Node& target, const Resets& resets) {
  for (const std::vector<std::string>& path : resets) {
    remove_path(target, path);
  }
}

void apply_resets(doc::Node& resource,
                  std::string_view section,
                  std::string_view name,
                  const Resets& resets) {
  for (const std::vector<std::string>& path : resets) {
    if (path.size() > 2 && path[0] == section && path[1] == name) {
      remove_path(resource, std::span(path).subspan(2));
    }
  }
}

}  // namespace compose
