#include "compose/unicity.hpp"

#include <string>
#include <unordered_map>
#include <utility>

#include "compose/go_text.hpp"
#include "compose/path.hpp"
#include "compose/rules.hpp"
#include "compose/volume_spec.hpp"
#include "util/strings.hpp"

namespace compose {
namespace {

class Unicity {
 public:
  explicit Unicity(Problems& problems) : problems_(problems) {}

  void walk(doc::Node& node, const Place* place) {
    if (place == nullptr || place->all_below().unique == Unique::none) {
      return;
    }
    if (doc::Mapping* mapping = node.as_mapping()) {
      for (doc::Entry& entry : mapping->entries) {
        const Step step(path_, std::string_view(entry.key.value));
        walk(entry.value, below(place, entry.key.value));
      }
    } else if (doc::Sequence* sequence = node.as_sequence()) {
      if (const Unique unique = rule_at(place).unique; unique != Unique::none) {
        list(sequence->items, unique);
      }
    }
  }

 private:
  void list(std::vector<doc::Node>& items, Unique unique) {
    std::unordered_map<std::string, std::size_t> seen;
    std::size_t kept = 0;
    for (std::size_t i = 0; i < items.size(); ++i) {
      const Step step(path_, i);
      const auto [at, fresh] = seen.emplace(key(items[i], unique), kept);
      if (!fresh) {
        items[at->second] = std::move(items[i]);
        continue;
      }
      if (kept != i) {
        items[kept] = std::move(items[i]);
      }
      ++kept;
    }
    items.resize(kept);
  }

  [[noreturn]] void fail(const doc::Node& item, const std::string& message) {
    problems_.stop("compose.invalid-value", message, known(item.span));
  }

  [[nodiscard]] std::string where() const { return path_.text(Path::Items::numbered); }

  std::string key(const doc::Node& item, Unique unique) {
    switch (unique) {
      case Unique::none: break;
      case Unique::key_value: return key_value(item);
      case Unique::volume: return volume(item);
      case Unique::device: return device(item);
      case Unique::config: return mount(item, "");
      case Unique::secret: return mount(item, "/run/secrets");
      case Unique::expose: return expose(item);
      case Unique::env_file: return env_file(item);
      case Unique::port: return port(item);
    }
    return {};
  }

  std::string key_value(const doc::Node& item) {
    const std::string* text = text_of(item);
    if (text == nullptr) {
      fail(item, where() + ": unexpected type " + std::string(type_name(item)));
    }
    return text->substr(0, text->find('='));
  }

  std::string target_of(const doc::Node& item, std::string_view what) {
    const doc::Node* target = item.find("target");
    if (target == nullptr || text_of(*target) == nullptr) {
      fail(item, "service " + std::string(what) + " " + where() + " is missing a mount target");
    }
    return *target->as_string();
  }

  std::string volume(const doc::Node& item) {
    if (item.as_mapping() != nullptr) {
      return target_of(item, "volume");
    }
    if (const std::string* text = text_of(item)) {
      util::Result<std::string, std::string> target = volume_target(*text);
      if (!target) {
        fail(item, target.error());
      }
      return std::move(*target);
    }
    return {};
  }

  std::string device(const doc::Node& item) {
    if (item.as_mapping() != nullptr) {
      return target_of(item, "device");
    }
    if (const std::string* text = text_of(item)) {
      const std::vector<std::string> parts = util::split(*text, ':');
      return parts.size() == 1 ? parts[0] : parts[1];
    }
    return {};
  }

  std::string mount(const doc::Node& item, std::string_view directory) {
    if (const std::string* text = text_of(item)) {
      return std::string(directory) + "/" + *text;
    }
    if (item.as_mapping() == nullptr) {
      fail(item, where() + ": unsupported expose value " + formatted_text(item));
    }
    if (const doc::Node* target = item.find("target")) {
      return plain_text(*target);
    }
    const doc::Node* source = item.find("source");
    return std::string(directory) + "/" + (source == nullptr ? std::string() : plain_text(*source));
  }

  std::string expose(const doc::Node& item) {
    if (text_of(item) == nullptr && item.as_int() == nullptr) {
      fail(item, where() + ": unsupported expose value " + formatted_text(item));
    }
    return plain_text(item);
  }

  std::string env_file(const doc::Node& item) {
    if (item.as_mapping() != nullptr) {
      const doc::Node* path = item.find("path");
      if (path == nullptr) {
        fail(item, "environment path attribute " + where() + " is missing");
      }
      return plain_text(*path);
    }
    return text_of(item) == nullptr ? std::string() : *text_of(item);
  }

  // A number and a text that read alike are different entries here, as they are
  // for the reference.
  std::string port(const doc::Node& item) {
    if (item.as_int() != nullptr || text_of(item) != nullptr) {
      return plain_text(item);
    }
    if (item.as_mapping() == nullptr) {
      return {};
    }
    const doc::Node* target = item.find("target");
    if (target == nullptr) {
      fail(item, "service ports " + where() + " is missing a target port");
    }
    const auto part = [&](std::string_view name, std::string_view otherwise) {
      const doc::Node* value = item.find(name);
      if (value == nullptr) {
        return std::string(otherwise);
      }
      return value->as_string() != nullptr ? *value->as_string() : "%" + plain_text(*value);
    };
    return part("host_ip", "0.0.0.0") + ":" + part("published", "%") + ":" + plain_text(*target) +
           "/" + part("protocol", "tcp");
  }

  Problems& problems_;
  Path path_;
};

}  // namespace

void enforce_unicity(doc::Node& root, Problems& problems) {
  Unicity(problems).walk(root, document_place());
}

}  // namespace compose
