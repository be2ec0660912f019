#include "compose/canonical.hpp"

#include <string>
#include <utility>

#include "compose/go_text.hpp"
#include "compose/path.hpp"
#include "compose/port_spec.hpp"
#include "compose/rules.hpp"
#include "compose/volume_spec.hpp"
#include "util/strings.hpp"

namespace compose {
namespace {

// A node made from `from`, placed where that was written.
doc::Node made_from(doc::Node node, const doc::Node& from) {
  node.span = from.span;
  if (doc::Mapping* mapping = node.as_mapping()) {
    for (doc::Entry& entry : mapping->entries) {
      if (entry.key.span.file.value == 0) {
        entry.key.span = from.span;
        entry.value.span = from.span;
      }
    }
  }
  return node;
}

class Canonicaliser {
 public:
  Canonicaliser(bool lenient, Problems& problems) : lenient_(lenient), problems_(problems) {}

  void walk(doc::Node& node, const Place* place) {
    if (place == nullptr || place->all_below().canonical == Canonical::none) {
      return;
    }
    const Canonical rule = rule_at(place).canonical;
    if (rule == Canonical::none) {
      children(node, place);
    } else {
      apply(node, place, rule);
    }
  }

 private:
  void children(doc::Node& node, const Place* place) {
    if (doc::Mapping* mapping = node.as_mapping()) {
      for (doc::Entry& entry : mapping->entries) {
        const Step step(path_, std::string_view(entry.key.value));
        walk(entry.value, below(place, entry.key.value));
      }
    } else if (doc::Sequence* sequence = node.as_sequence()) {
      const Place* item = item_of(place);
      for (std::size_t i = 0; item != nullptr && i < sequence->items.size(); ++i) {
        const Step step(path_, i);
        walk(sequence->items[i], item);
      }
    }
  }

  [[noreturn]] void fail(const doc::Node& node, std::string message) {
    problems_.stop("compose.invalid-value", std::move(message), known(node.span));
  }

  [[noreturn]] void wrong_type(const doc::Node& node, std::string_view what) {
    fail(node,
         path_.text() + ": invalid type " + std::string(type_name(node)) + " for " +
             std::string(what));
  }

  void apply(doc::Node& node, const Place* place, Canonical rule) {
    switch (rule) {
      case Canonical::none: break;
      case Canonical::service: return node.as_mapping() != nullptr ? children(node, place) : void();
      case Canonical::build: return wrapped(node, place, "context", "build");
      case Canonical::extends: return wrapped(node, place, "service", "extends");
      case Canonical::key_value: return key_value(node);
      case Canonical::ssh: return ssh(node);
      case Canonical::text: return text(node);
      case Canonical::depends_on: return depends_on(node);
      case Canonical::env_file: return env_file(node);
      case Canonical::list: return list(node);
      case Canonical::names: return names(node);
      case Canonical::ports: return ports(node);
      case Canonical::volume: return volume(node);
      case Canonical::device: return device(node);
      case Canonical::file_reference: return file_reference(node);
      case Canonical::gpus: return gpus(node, place);
      case Canonical::ulimit: return ulimit(node);
      case Canonical::external: return external(node, place);
    }
  }

  void wrapped(doc::Node& node, const Place* place, std::string_view key, std::string_view what) {
    if (node.as_mapping() != nullptr) {
      children(node, place);
    } else if (text_of(node) != nullptr) {
      node = made_from(doc::map({{key, node}}), node);
    } else {
      wrong_type(node, what);
    }
  }

  void key_value(doc::Node& node) {
    if (node.as_mapping() != nullptr) {
      return;
    }
    const doc::Sequence* items = node.as_sequence();
    if (items == nullptr) {
      fail(node, path_.text() + ": invalid type " + std::string(type_name(node)));
    }
    doc::Mapping out;
    for (const doc::Node& item : items->items) {
      const std::string pair = plain_text(item);
      const std::size_t equals = pair.find('=');
      if (equals == std::string::npos) {
        if (lenient_) {
          return;
        }
        fail(item, path_.text() + ": invalid value " + pair + ", expected key=value");
      }
      out.set(pair.substr(0, equals), made_from(doc::Node{pair.substr(equals + 1)}, item));
    }
    node = made_from(doc::Node{std::move(out)}, node);
  }

  void ssh(doc::Node& node) {
    if (node.as_mapping() != nullptr) {
      return;
    }
    const doc::Sequence* items = node.as_sequence();
    if (items == nullptr) {
      wrong_type(node, "ssh");
    }
    doc::Mapping out;
    for (const doc::Node& item : items->items) {
      const std::string* key = text_of(item);
      if (key == nullptr) {
        fail(item, "invalid ssh key type " + std::string(type_name(item)));
      }
      const std::size_t equals = key->find('=');
      if (equals == std::string::npos && *key != "default") {
        fail(item, "invalid ssh key " + quoted(*key));
      }
      doc::Node path;
      if (equals != std::string::npos) {
        path = doc::Node{key->substr(equals + 1)};
      }
      out.set(key->substr(0, equals), made_from(std::move(path), item));
    }
    node = made_from(doc::Node{std::move(out)}, node);
  }

  static void text(doc::Node& node) {
    if (text_of(node) == nullptr) {
      node = made_from(doc::Node{plain_text(node)}, node);
    }
  }

  void depends_on(doc::Node& node) {
    if (doc::Mapping* mapping = node.as_mapping()) {
      for (doc::Entry& entry : mapping->entries) {
        doc::Mapping* dependency = entry.value.as_mapping();
        if (dependency == nullptr) {
          fail(entry.value,
               path_.text() + "." + entry.key.value + ": unsupported value " + plain_text(node));
        }
        add_missing(entry.value, "condition", doc::Node{"service_started"});
        add_missing(entry.value, "required", doc::Node{true});
      }
      return;
    }
    const doc::Sequence* items = node.as_sequence();
    if (items == nullptr) {
      wrong_type(node, "depend_on");
    }
    doc::Mapping out;
    for (const doc::Node& item : items->items) {
      put(out,
          item,
          made_from(doc::map({{"condition", doc::Node{"service_started"}},
                              {"required", doc::Node{true}}}),
                    item));
    }
    node = made_from(doc::Node{std::move(out)}, node);
  }

  void put(doc::Mapping& out, const doc::Node& name, doc::Node value) {
    if (text_of(name) == nullptr) {
      wrong_type(name, "a name");
    }
    const std::string key = plain_text(name);
    if (doc::Node* existing = out.find(key)) {
      *existing = std::move(value);
    } else {
      out.entries.push_back({{key, name.span}, std::move(value)});
    }
  }

  static void add_missing(doc::Node& node, std::string_view key, doc::Node value) {
    if (node.find(key) == nullptr) {
      value.span = node.span;
      node.as_mapping()->entries.push_back({{std::string(key), node.span}, std::move(value)});
    }
  }

  void env_file(doc::Node& node) {
    if (text_of(node) != nullptr) {
      doc::Node item = node;
      node = made_from(doc::list({env_file_item(std::move(item))}), node);
    } else if (doc::Sequence* items = node.as_sequence()) {
      for (doc::Node& item : items->items) {
        item = env_file_item(std::move(item));
      }
    } else {
      wrong_type(node, "env_file");
    }
  }

  static doc::Node env_file_item(doc::Node item) {
    if (text_of(item) != nullptr) {
      return made_from(doc::map({{"path", item}, {"required", doc::Node{true}}}), item);
    }
    if (item.as_mapping() == nullptr) {
      return made_from(doc::Node{}, item);
    }
    add_missing(item, "required", doc::Node{true});
    return item;
  }

  static void list(doc::Node& node) {
    if (text_of(node) != nullptr) {
      node = made_from(doc::list({node}), node);
    }
  }

  void names(doc::Node& node) {
    if (const doc::Sequence* items = node.as_sequence()) {
      doc::Mapping out;
      for (const doc::Node& item : items->items) {
        put(out, item, made_from(doc::Node{}, item));
      }
      node = made_from(doc::Node{std::move(out)}, node);
    }
  }

  static doc::Node port_node(const PortSpec& port, const doc::Node& from) {
    doc::Mapping out;
    out.set("mode", doc::Node{"ingress"});
    if (!port.host_ip.empty()) {
      out.set("host_ip", doc::Node{port.host_ip});
    }
    if (port.target != 0) {
      out.set("target", doc::Node{std::int64_t{port.target}});
    }
    if (!port.published.empty()) {
      out.set("published", doc::Node{port.published});
    }
    out.set("protocol", doc::Node{port.protocol});
    return made_from(doc::Node{std::move(out)}, from);
  }

  void ports(doc::Node& node) {
    doc::Sequence* items = node.as_sequence();
    if (items == nullptr) {
      wrong_type(node, "port");
    }
    doc::Sequence out;
    for (doc::Node& item : items->items) {
      if (item.as_mapping() != nullptr) {
        out.items.push_back(item);
        continue;
      }
      if (item.as_int() == nullptr && text_of(item) == nullptr) {
        wrong_type(item, "port");
      }
      const util::Result<std::vector<PortSpec>, std::string> parsed = parse_ports(plain_text(item));
      if (!parsed) {
        if (lenient_ && text_of(item) != nullptr) {
          return;
        }
        fail(item, parsed.error());
      }
      for (const PortSpec& port : *parsed) {
        out.items.push_back(port_node(port, item));
      }
    }
    node = made_from(doc::Node{std::move(out)}, node);
  }

  void volume(doc::Node& node) {
    if (node.as_mapping() != nullptr) {
      return;
    }
    const std::string* spec = text_of(node);
    if (spec == nullptr) {
      wrong_type(node, "service volume mount");
    }
    util::Result<doc::Node, std::string> parsed = parse_volume(*spec);
    if (parsed) {
      node = made_from(std::move(*parsed), node);
    } else if (!lenient_) {
      fail(node, parsed.error());
    }
  }

  void device(doc::Node& node) {
    if (node.as_mapping() != nullptr) {
      return;
    }
    const std::string* spec = text_of(node);
    if (spec == nullptr) {
      wrong_type(node, "service volume mount");
    }
    const std::vector<std::string> parts = util::split(*spec, ':');
    const bool readable = parts.size() <= 3;
    if (!readable && !lenient_) {
      fail(node, "confusing device mapping, please use long syntax: " + *spec);
    }
    const std::string source = readable ? parts[0] : "";
    std::string target = readable && parts.size() > 1 ? parts[1] : "";
    target = target.empty() ? source : target;
    node = made_from(doc::map({{"source", doc::Node{source}},
                               {"target", doc::Node{target}},
                               {"permissions", doc::Node{parts.size() == 3 ? parts[2] : "rwm"}}}),
                     node);
  }

  void file_reference(doc::Node& node) {
    if (node.as_mapping() != nullptr) {
      return;
    }
    if (text_of(node) == nullptr) {
      fail(node, path_.text() + ": unsupported type " + std::string(type_name(node)));
    }
    node = made_from(doc::map({{"source", node}}), node);
  }

  void gpus(doc::Node& node, const Place* place) {
    if (node.as_sequence() != nullptr) {
      children(node, place);
    } else if (text_of(node) != nullptr) {
      node = made_from(doc::list({made_from(doc::map({{"count", doc::Node{"all"}}}), node)}), node);
    } else {
      wrong_type(node, "gpus");
    }
  }

  void ulimit(const doc::Node& node) {
    if (node.as_mapping() == nullptr && node.as_int() == nullptr) {
      wrong_type(node, "external");
    }
  }

  void external(doc::Node& node, const Place* place) {
    if (node.as_mapping() == nullptr) {
      return;
    }
    children(node, place);
    doc::Node* external = node.find("external");
    if (external == nullptr || external->as_mapping() == nullptr) {
      return;
    }
    const doc::Node* found = external->find("name");
    const doc::Node outer = found == nullptr ? doc::Node{} : *found;
    const bool named = found != nullptr;
    *external = made_from(doc::Node{true}, *external);
    if (!named) {
      return;
    }
    problems_.warning(
        "compose.deprecated-external-name",
        path_.text() + ": external.name is deprecated. Please set name and external: true",
        known(outer.span));
    if (const doc::Node* name = node.find("name")) {
      if (!doc::same(*name, outer)) {
        fail(*name, path_.text() + ": name and external.name conflict; only use name");
      }
    } else {
      node.as_mapping()->set("name", outer);
    }
  }

  bool lenient_;
  Problems& problems_;
  Path path_;
};

// `dns: [""]` comes from variables that are not set.
void drop_empty_dns(doc::Node& root) {
  doc::Node* services = root.find("services");
  doc::Mapping* mapping = services == nullptr ? nullptr : services->as_mapping();
  if (mapping == nullptr) {
    return;
  }
  for (doc::Entry& service : mapping->entries) {
    doc::Node* dns = service.value.find("dns");
    doc::Sequence* items = dns == nullptr ? nullptr : dns->as_sequence();
    if (items != nullptr) {
      std::erase_if(items->items, [](const doc::Node& item) {
        return item.is_null() || (text_of(item) != nullptr && text_of(item)->empty());
      });
    }
  }
}

}  // namespace

void make_canonical(doc::Node& root, bool lenient, Problems& problems) {
  Canonicaliser(lenient, problems).walk(root, document_place());
  drop_empty_dns(root);
}

}  // namespace compose
