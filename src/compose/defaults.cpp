#include "compose/defaults.hpp"

#include <array>
#include <span>
#include <string>
#include <utility>

#include "compose/go_text.hpp"
#include "compose/path.hpp"
#include "compose/port_spec.hpp"
#include "compose/rules.hpp"

namespace compose {
namespace {

// Calls `visit(node, place)` for every place of the table that `wanted` selects; does not look
// below those.
template <class NodeType, class Wanted, class Visit>
void for_places(NodeType& node,
                const Place* place,
                Path& path,
                const Wanted& wanted,
                const Visit& visit) {
  if (place == nullptr || !wanted(place->all_below())) {
    return;
  }
  if (wanted(rule_at(place))) {
    visit(node, rule_at(place));
    return;
  }
  if (auto* mapping = node.as_mapping()) {
    for (auto& entry : mapping->entries) {
      const Step step(path, std::string_view(entry.key.value));
      for_places(entry.value, below(place, entry.key.value), path, wanted, visit);
    }
  } else if (auto* sequence = node.as_sequence()) {
    const Place* item = item_of(place);
    for (std::size_t i = 0; item != nullptr && i < sequence->items.size(); ++i) {
      const Step step(path, i);
      for_places(sequence->items[i], item, path, wanted, visit);
    }
  }
}

void default_to(doc::Node& node, std::string_view key, doc::Node value) {
  doc::Mapping* mapping = node.as_mapping();
  if (mapping != nullptr && mapping->find(key) == nullptr) {
    value.span = node.span;
    mapping->entries.push_back({{std::string(key), node.span}, std::move(value)});
  }
}

class ResourceChecker {
 public:
  ResourceChecker(Path& path, Problems& problems) : path_(path), problems_(problems) {}

  void check(const doc::Node& node, Check rule) {
    static constexpr std::array<std::string_view, 3> kConfig{"file", "environment", "content"};
    switch (rule) {
      case Check::none: break;
      case Check::volume: return volume(node);
      case Check::config: return file_object(node, kConfig, "file|environment|content");
      case Check::secret: return file_object(node, std::span(kConfig).first(2), "file|environment");
      case Check::port: return port(node);
      case Check::watch_path: return watch_path(node);
      case Check::device_request: return device_request(node);
    }
  }

 private:
  void fail(const doc::Node& node, const std::string& message) {
    problems_.error(
        "compose.conflicting-attributes", path_.text() + ": " + message, known(node.span));
  }

  void volume(const doc::Node& node) {
    const doc::Node* external = node.find("external");
    if (external == nullptr || external->as_bool() == nullptr || !*external->as_bool()) {
      return;
    }
    for (const doc::Entry& entry : node.as_mapping()->entries) {
      const std::string& key = entry.key.value;
      if (key != "name" && key != "external" && !key.starts_with("x-")) {
        return fail(entry.value,
                    "conflicting parameters \"external\" and " + quoted(key) + " specified");
      }
    }
  }

  void file_object(const doc::Node& node,
                   std::span<const std::string_view> keys,
                   const std::string& names) {
    int count = 0;
    for (const std::string_view key : keys) {
      count += node.find(key) != nullptr ? 1 : 0;
    }
    if (count > 1) {
      fail(node, names + " attributes are mutually exclusive");
    } else if (count == 0 && node.find("driver") == nullptr && node.find("external") == nullptr) {
      fail(node, "one of " + names + " must be set");
    }
  }

  void port(const doc::Node& node) {
    const doc::Node* ip = node.find("host_ip");
    if (ip != nullptr && ip->as_string() != nullptr && !is_ip_address(*ip->as_string())) {
      fail(*ip, "invalid ip address: " + *ip->as_string());
    }
  }

  void watch_path(const doc::Node& node) {
    if (node.as_string() != nullptr && node.as_string()->empty()) {
      fail(node, "value can't be blank");
    }
  }

  void device_request(const doc::Node& node) {
    if (node.find("count") != nullptr && node.find("device_ids") != nullptr) {
      fail(node, R"("count" and "device_ids" attributes are exclusive)");
    }
  }

  Path& path_;
  Problems& problems_;
};

}  // namespace

void set_defaults(doc::Node& root, Problems& problems) {
  Path path;
  const auto wanted = [](const Rule& rule) { return rule.default_value != Default::none; };
  for_places(root, document_place(), path, wanted, [&](doc::Node& node, const Rule& rule) {
    const auto fail = [&](const std::string& message) {
      problems.stop("compose.invalid-value", path.text() + ": " + message, known(node.span));
    };
    const bool mapping = node.as_mapping() != nullptr;
    switch (rule.default_value) {
      case Default::none: break;
      case Default::build_context: default_to(node, "context", doc::Node{"."}); break;
      case Default::secret_target: {
        if (!mapping) {
          fail("unsupported type " + std::string(type_name(node)));
        }
        const doc::Node* source = node.find("source");
        default_to(
            node,
            "target",
            doc::Node{"/run/secrets/" + (source == nullptr ? "%!s(<nil>)" : plain_text(*source))});
        break;
      }
      case Default::port:
        default_to(node, "protocol", doc::Node{"tcp"});
        default_to(node, "mode", doc::Node{"ingress"});
        break;
      case Default::device_request:
        if (!mapping) {
          fail("invalid type " + std::string(type_name(node)) + " for device request");
        }
        if (node.find("count") == nullptr && node.find("device_ids") == nullptr) {
          default_to(node, "count", doc::Node{"all"});
        }
        break;
      case Default::create_host_path:
        if (!mapping) {
          fail("invalid type " + std::string(type_name(node)) + " for service volume bind");
        }
        default_to(node, "create_host_path", doc::Node{true});
        break;
    }
  });
}

void check_resources(const doc::Node& root, Problems& problems) {
  Path path;
  ResourceChecker checker(path, problems);
  const auto wanted = [](const Rule& rule) { return rule.check != Check::none; };
  for_places(root, document_place(), path, wanted, [&](const doc::Node& node, const Rule& rule) {
    checker.check(node, rule.check);
  });
}

}  // namespace compose
