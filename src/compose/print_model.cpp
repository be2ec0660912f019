#include "compose/print_model.hpp"

#include <algorithm>
#include <array>
#include <utility>
#include <vector>

#include "compose/bind_type.hpp"
#include "compose/print_json.hpp"
#include "compose/print_yaml.hpp"
#include "util/hash.hpp"
#include "util/strings.hpp"

namespace compose {
namespace {

bool bytes_less(std::string_view a, std::string_view b) {
  return a < b;
}

using KeyOrder = bool (*)(std::string_view, std::string_view);

template <class Iterator>
void sort_keys(Iterator first, Iterator last, KeyOrder less) {
  std::stable_sort(first, last, [&](const doc::Entry& a, const doc::Entry& b) {
    return less(a.key.value, b.key.value);
  });
}

// Free mappings at every depth.
void sort_all(doc::Node& node, KeyOrder less) {
  if (doc::Mapping* mapping = node.as_mapping()) {
    sort_keys(mapping->entries.begin(), mapping->entries.end(), less);
    for (doc::Entry& entry : mapping->entries) {
      sort_all(entry.value, less);
    }
  } else if (doc::Sequence* list = node.as_sequence()) {
    for (doc::Node& item : list->items) {
      sort_all(item, less);
    }
  }
}

enum class ExtensionKeys : std::uint8_t { keep, drop };

// Brings the members of every resource into the order in which they print.
class ModelLayout {
 public:
  ModelLayout(ModelFormat format, ExtensionKeys extensions)
      : json_(format == ModelFormat::json),
        extensions_(extensions),
        less_(json_ ? bytes_less : natural_less) {}

  void arrange(doc::Node& node, const BindType& type) {
    doc::Mapping* mapping = node.as_mapping();
    doc::Sequence* list = node.as_sequence();
    if (type.kind == BindKind::record && mapping != nullptr) {
      arrange_record(*mapping, type);
    } else if (type.kind == BindKind::map && mapping != nullptr) {
      sort_keys(mapping->entries.begin(), mapping->entries.end(), less_);
      for (doc::Entry& entry : mapping->entries) {
        arrange(entry.value, *type.element);
      }
    } else if (type.kind == BindKind::list && list != nullptr) {
      for (doc::Node& item : list->items) {
        arrange(item, *type.element);
      }
    } else if (type.kind == BindKind::ulimits && mapping != nullptr) {
      arrange_ulimits(*mapping);
    } else {
      sort_all(node, less_);
    }
  }

 private:
  // Of a limit with two numbers, the soft one stands first.
  void arrange_ulimits(doc::Mapping& limits) {
    sort_keys(limits.entries.begin(), limits.entries.end(), less_);
    for (doc::Entry& limit : limits.entries) {
      if (doc::Mapping* numbers = limit.value.as_mapping(); numbers != nullptr && json_) {
        std::erase_if(numbers->entries, [](const doc::Entry& number) {
          return number.value.as_int() != nullptr && *number.value.as_int() == 0;
        });
      }
    }
  }

  // The members in their order, extensions behind them.
  void arrange_record(doc::Mapping& record, const BindType& type) {
    const auto position = [&](const doc::Entry& entry) {
      return std::find_if(type.members.begin(), type.members.end(), [&](const BindMember& member) {
        return member.name == entry.key.value;
      });
    };
    std::stable_sort(
        record.entries.begin(),
        record.entries.end(),
        [&](const doc::Entry& a, const doc::Entry& b) { return position(a) < position(b); });
    const auto extension =
        std::find_if(record.entries.begin(), record.entries.end(), [&](const doc::Entry& entry) {
          return position(entry) == type.members.end();
        });
    if (extensions_ == ExtensionKeys::drop) {
      record.entries.erase(extension, record.entries.end());
    } else {
      sort_keys(extension, record.entries.end(), less_);
      std::for_each(
          extension, record.entries.end(), [&](doc::Entry& each) { sort_all(each.value, less_); });
    }
    for (doc::Entry& entry : record.entries) {
      if (const BindType* member = member_type(type, entry.key.value)) {
        arrange(entry.value, *member);
      }
    }
    if (json_) {
      add_json_members(record, type);
    }
  }

  // The reference's JSON shows some members that are not there: commands, and blocks that are no
  // pointers in it.
  void add_json_members(doc::Mapping& record, const BindType& type) {
    std::size_t at = 0;
    for (const BindMember& member : type.members) {
      if (at < record.entries.size() && record.entries[at].key.value == member.name) {
        record.entries[at].key.value = member.shown;
        ++at;
        continue;
      }
      const bool block = member.type->kind == BindKind::record && !member.pointer;
      if (member.type->kind != BindKind::command && !block) {
        continue;
      }
      doc::Node value = block ? doc::Node{doc::Mapping{}} : doc::Node{};
      arrange(value, *member.type);
      record.entries.insert(record.entries.begin() + static_cast<std::ptrdiff_t>(at),
                            {{std::string(member.name), {}}, std::move(value)});
      ++at;
    }
  }

  bool json_;
  ExtensionKeys extensions_;
  KeyOrder less_;
};

bool is_letter(unsigned char c) {
  return (util::is_alnum(static_cast<char>(c)) && !util::is_digit(static_cast<char>(c))) ||
         c >= 0x80;
}

// The digits of `text` from `at` on: where they end, and their value.
std::pair<std::size_t, std::int64_t> digits_at(std::string_view text,
                                               std::size_t at,
                                               std::int64_t value) {
  while (at < text.size() && util::is_digit(text[at])) {
    value = static_cast<std::int64_t>(static_cast<std::uint64_t>(value) * 10U +
                                      static_cast<std::uint64_t>(text[at] - '0'));
    ++at;
  }
  return {at, value};
}

// Whether zeros at `at` stand inside of a number: a digit other than zero is before them.
bool inside_number(std::string_view text, std::size_t at) {
  while (at > 0 && util::is_digit(text[at - 1])) {
    if (text[--at] != '0') {
      return true;
    }
  }
  return false;
}

// In values only: no variable is looked for in a key.
void double_dollars(doc::Node& node) {
  if (std::string* text = node.as_string()) {
    if (text->find('$') != std::string::npos) {
      *text = util::replace_all(*text, "$", "$$");
    }
  } else if (doc::Mapping* mapping = node.as_mapping()) {
    for (doc::Entry& entry : mapping->entries) {
      double_dollars(entry.value);
    }
  } else if (doc::Sequence* list = node.as_sequence()) {
    for (doc::Node& item : list->items) {
      double_dollars(item);
    }
  }
}

}  // namespace

bool natural_less(std::string_view a, std::string_view b) {
  bool in_number = false;
  for (std::size_t i = 0; i < a.size() && i < b.size(); ++i) {
    if (a[i] == b[i]) {
      in_number = util::is_digit(a[i]);
      continue;
    }
    const auto left = static_cast<unsigned char>(a[i]);
    const auto right = static_cast<unsigned char>(b[i]);
    if (is_letter(left) && is_letter(right)) {
      return left < right;
    }
    if (is_letter(left) || is_letter(right)) {
      return in_number ? is_letter(left) : is_letter(right);
    }
    const std::int64_t start =
        (a[i] == '0' || b[i] == '0') && inside_number(a, i) ? std::int64_t{1} : std::int64_t{0};
    const auto [a_end, a_value] = digits_at(a, i, start);
    const auto [b_end, b_value] = digits_at(b, i, start);
    if (a_value != b_value) {
      return a_value < b_value;
    }
    return a_end != b_end ? a_end < b_end : left < right;
  }
  return a.size() < b.size();
}

std::string print_model(doc::Node tree, ModelState state, ModelFormat format) {
  const bool json = format == ModelFormat::json;
  if (state == ModelState::raw) {
    sort_all(tree, json ? bytes_less : natural_less);
  } else {
    ModelLayout(format, ExtensionKeys::keep).arrange(tree, project_type());
    if (json) {
      doc::Mapping& top = *tree.as_mapping();
      sort_keys(top.entries.begin(), top.entries.end(), bytes_less);
    }
  }
  if (state == ModelState::bound) {
    double_dollars(tree);
  }
  return json ? reference_json(tree, JsonLayout::indented) : reference_yaml(tree);
}

std::string service_hash(doc::Node service, std::string_view default_platform) {
  if (!default_platform.empty() && service.find("build") != nullptr &&
      service.find("platform") == nullptr) {
    service.as_mapping()->set("platform", doc::Node{default_platform});
  }
  // What may change without a new container.
  static constexpr std::array<std::string_view, 5> kIgnored = {
      "build", "depends_on", "profiles", "pull_policy", "scale"};
  for (const std::string_view key : kIgnored) {
    service.as_mapping()->erase(key);
  }
  if (doc::Node* deploy = service.find("deploy"); deploy != nullptr && !deploy->is_null()) {
    deploy->as_mapping()->erase("replicas");
  }
  static const BindType& type = *member_type(project_type(), "services")->element;
  ModelLayout(ModelFormat::json, ExtensionKeys::drop).arrange(service, type);
  return util::sha256_hex(reference_json(service, JsonLayout::compact));
}

}  // namespace compose
