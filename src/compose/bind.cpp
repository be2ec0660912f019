#include "compose/bind.hpp"

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "compose/bind_place.hpp"
#include "compose/bind_type.hpp"
#include "compose/bind_values.hpp"
#include "compose/go_text.hpp"
#include "compose/normalize.hpp"

namespace compose {
namespace {

bool is_empty(const doc::Node& node) {
  if (const std::string* text = node.as_string()) {
    return text->empty();
  }
  if (const bool* flag = node.as_bool()) {
    return !*flag;
  }
  if (const std::int64_t* number = node.as_int()) {
    return *number == 0;
  }
  if (const double* number = node.as_double()) {
    return *number == 0;
  }
  if (const doc::Sequence* sequence = node.as_sequence()) {
    return sequence->items.empty();
  }
  if (const doc::Mapping* mapping = node.as_mapping()) {
    return mapping->entries.empty();
  }
  return true;
}

class Binder {
 public:
  explicit Binder(Problems& problems) : at_(problems) {}

  // `node` becomes its typed form; false after a report.
  bool value(doc::Node& node, const BindType& type) {
    if (node.is_null()) {
      return true;
    }
    switch (type.kind) {
      case BindKind::string: return bind_string(node, at_);
      case BindKind::bool_:
      case BindKind::opt_out: return bind_boolean(node, at_);
      case BindKind::int_: return bind_integer(node, at_, Cast::integer, "int");
      case BindKind::int64: return bind_integer(node, at_, Cast::integer64, "int64");
      case BindKind::uint: return bind_unsigned_integer(node, at_, "uint64");
      case BindKind::uint16: return bind_unsigned_integer(node, at_, "uint16");
      case BindKind::uint32: return bind_unsigned_integer(node, at_, "uint32");
      case BindKind::float32: return bind_float32(node, at_);
      case BindKind::bytes: return bind_bytes(node, at_);
      case BindKind::duration: return bind_duration(node, at_);
      case BindKind::texts: return bind_texts(node, at_);
      case BindKind::string_list: return bind_string_list(node, at_, false);
      case BindKind::number_list: return bind_string_list(node, at_, true);
      case BindKind::command: return bind_command(node, at_);
      case BindKind::mapping: return bind_pairs(node, at_, "mapping", false);
      case BindKind::labels: return bind_pairs(node, at_, "labels", false);
      case BindKind::variables: return bind_pairs(node, at_, "mapping", true);
      case BindKind::options: return bind_options(node, at_);
      case BindKind::multi_options: return bind_multi_options(node, at_);
      case BindKind::text_map: return bind_text_map(node, at_);
      case BindKind::hosts: return bind_hosts(node, at_);
      case BindKind::ssh: return bind_ssh(node, at_);
      case BindKind::file_mode: return bind_file_mode(node, at_);
      case BindKind::ulimits: return bind_ulimits(node, at_);
      case BindKind::device_count: return bind_device_count(node, at_);
      case BindKind::cpus: return bind_cpus(node, at_);
      case BindKind::health_test: return bind_health_test(node, at_);
      case BindKind::record: return record(node, type);
      case BindKind::list: return list(node, type);
      case BindKind::map: return map(node, type);
    }
    return true;
  }

 private:
  bool list(doc::Node& node, const BindType& type) {
    doc::Sequence* sequence = node.as_sequence();
    if (sequence == nullptr) {
      return bind_not_a_list(node, at_);
    }
    bool good = true;
    for (std::size_t i = 0; i < sequence->items.size(); ++i) {
      at_.item(i);
      good = element(sequence->items[i], type) && good;
      at_.pop();
    }
    return good;
  }

  bool map(doc::Node& node, const BindType& type) {
    doc::Mapping* mapping = node.as_mapping();
    if (mapping == nullptr) {
      return at_.fail(node, "expected a map, got '" + std::string(type_name(node)) + "'");
    }
    bool good = true;
    for (doc::Entry& entry : mapping->entries) {
      at_.entry(entry.key.value);
      good = element(entry.value, type) && good;
      at_.pop();
    }
    sort_by_key(*mapping);
    return good;
  }

  bool element(doc::Node& node, const BindType& type) {
    if (node.is_null() && !type.null_elements) {
      node.value = doc::Mapping{};
    }
    return value(node, *type.element);
  }

  bool record(doc::Node& node, const BindType& type) {
    doc::Mapping* mapping = node.as_mapping();
    if (mapping == nullptr) {
      return at_.fail(node,
                      "expected a map or struct, got \"" + std::string(kind_name(node)) + "\"");
    }
    doc::Mapping out;
    std::vector<doc::Entry*> slots(type.members.size(), nullptr);
    std::vector<doc::Entry*> extensions;
    for (doc::Entry& entry : mapping->entries) {
      if (entry.key.value == kSecretContent) {
        entry.key.value = "content";
      }
      const auto at = std::lower_bound(
          type.by_name.begin(),
          type.by_name.end(),
          std::string_view(entry.key.value),
          [](const auto& known, std::string_view name) { return known.first < name; });
      if (at != type.by_name.end() && at->first == entry.key.value) {
        slots[at->second] = &entry;
      } else if (type.extensions && entry.key.value.starts_with("x-")) {
        extensions.push_back(&entry);
      }
    }
    bool good = true;
    for (std::size_t i = 0; i < slots.size(); ++i) {
      good = member(out, slots[i], type.members[i], node.span) && good;
    }
    std::sort(extensions.begin(), extensions.end(), [](const doc::Entry* a, const doc::Entry* b) {
      return a->key.value < b->key.value;
    });
    for (doc::Entry* entry : extensions) {
      out.entries.push_back(std::move(*entry));
    }
    node.value = std::move(out);
    return good;
  }

  bool member(doc::Mapping& out,
              doc::Entry* entry,
              const BindMember& member,
              const diag::Span& span) {
    if (entry == nullptr || entry->value.is_null()) {
      if (member.always) {
        out.entries.push_back(
            {{std::string(member.name), span}, placed(empty_value(*member.type), span)});
      }
      return true;
    }
    at_.key(member.shown);
    const bool good = value(entry->value, *member.type);
    at_.pop();
    const bool print = member.always || member.pointer || !omitted(entry->value, *member.type);
    if (good && print && !entry->value.is_null()) {
      out.entries.push_back(std::move(*entry));
    }
    return good;
  }

  static doc::Node empty_value(const BindType& type) {
    switch (type.kind) {
      case BindKind::record:
      case BindKind::map: return doc::Node{doc::Mapping{}};
      case BindKind::bool_: return doc::Node{false};
      case BindKind::uint:
      case BindKind::int64: return doc::Node{0};
      case BindKind::bytes: return doc::Node{"0"};
      case BindKind::string:
      case BindKind::int_:
      case BindKind::uint16:
      case BindKind::uint32:
      case BindKind::float32:
      case BindKind::duration:
      case BindKind::texts:
      case BindKind::string_list:
      case BindKind::number_list:
      case BindKind::command:
      case BindKind::mapping:
      case BindKind::labels:
      case BindKind::variables:
      case BindKind::options:
      case BindKind::multi_options:
      case BindKind::text_map:
      case BindKind::hosts:
      case BindKind::ssh:
      case BindKind::file_mode:
      case BindKind::ulimits:
      case BindKind::device_count:
      case BindKind::cpus:
      case BindKind::health_test:
      case BindKind::opt_out:
      case BindKind::list: break;
    }
    return doc::Node{""};
  }

  static bool omitted(const doc::Node& node, const BindType& type) {
    if (type.kind == BindKind::opt_out) {
      return node.as_bool() == nullptr || *node.as_bool();
    }
    if (type.kind == BindKind::bytes) {
      return *node.as_string() == "0";
    }
    if (type.kind == BindKind::duration) {
      return *node.as_string() == "0s";
    }
    return is_empty(node);
  }

  BindPlace at_;
};

void collect_attributes(const doc::Node& node,
                        const BindType& type,
                        const std::string& prefix,
                        std::vector<diag::Located<std::string>>& out) {
  if (const doc::Sequence* sequence = node.as_sequence();
      sequence != nullptr && type.kind == BindKind::list) {
    for (const doc::Node& item : sequence->items) {
      collect_attributes(item, *type.element, prefix, out);
    }
    return;
  }
  const doc::Mapping* mapping = node.as_mapping();
  if (mapping == nullptr) {
    return;
  }
  for (const doc::Entry& entry : mapping->entries) {
    if (type.kind == BindKind::map) {
      collect_attributes(entry.value, *type.element, prefix, out);
    } else if (type.kind == BindKind::record) {
      if (const BindType* member = member_type(type, entry.key.value)) {
        std::string path = prefix.empty() ? entry.key.value : prefix + "." + entry.key.value;
        out.push_back({path, entry.key.span});
        collect_attributes(entry.value, *member, path, out);
      }
    }
  }
}

}  // namespace

std::vector<diag::Located<std::string>> attribute_paths(const doc::Node& service) {
  static const BindType& type = *member_type(project_type(), "services")->element;
  std::vector<diag::Located<std::string>> out;
  collect_attributes(service, type, "", out);
  return out;
}

doc::Node bind(doc::Node root, Problems& problems) {
  Binder(problems).value(root, project_type());
  problems.stop_if_failed();
  return root;
}

}  // namespace compose