#include "compose/bind_type.hpp"

#include <algorithm>
#include <deque>
#include <map>

#include "compose/bind.hpp"
#include "compose/table_text.hpp"

namespace compose {
namespace {

constexpr std::pair<std::string_view, BindKind> kKinds[] = {
    {"string", BindKind::string},
    {"bool", BindKind::bool_},
    {"int", BindKind::int_},
    {"int64", BindKind::int64},
    {"uint", BindKind::uint},
    {"uint16", BindKind::uint16},
    {"uint32", BindKind::uint32},
    {"float32", BindKind::float32},
    {"bytes", BindKind::bytes},
    {"duration", BindKind::duration},
    {"texts", BindKind::texts},
    {"string_list", BindKind::string_list},
    {"number_list", BindKind::number_list},
    {"command", BindKind::command},
    {"mapping", BindKind::mapping},
    {"labels", BindKind::labels},
    {"variables", BindKind::variables},
    {"options", BindKind::options},
    {"multi_options", BindKind::multi_options},
    {"text_map", BindKind::text_map},
    {"hosts", BindKind::hosts},
    {"ssh", BindKind::ssh},
    {"file_mode", BindKind::file_mode},
    {"ulimits", BindKind::ulimits},
    {"device_count", BindKind::device_count},
    {"cpus", BindKind::cpus},
    {"health_test", BindKind::health_test},
    {"opt_out", BindKind::opt_out},
};

class TypeTableReader : TableText {
 public:
  TypeTableReader(std::string_view text, std::deque<BindType>& types)
      : TableText(text), types_(types) {}

  const BindType* read() {
    for (skip(); !rest_.empty(); skip()) {
      BindType* record = named(word());
      accept('=');
      record->kind = BindKind::record;
      members(*record);
    }
    return named("project");
  }

 private:
  BindType* named(std::string_view name) {
    BindType*& slot = named_[name];
    return slot != nullptr ? slot : slot = &types_.emplace_back();
  }

  // Up to the name of the next record: a word that is followed by '='.
  void members(BindType& record) {
    while (true) {
      if (accept('~')) {
        word();
        record.extensions = true;
        break;
      }
      const std::string_view before = rest_;
      BindMember member;
      member.name = word();
      skip();
      if (member.name.empty() || rest_.starts_with('=')) {
        rest_ = before;
        break;
      }
      member.always = accept('!');
      member.pointer = accept('?');
      member.shown = accept('^') ? word() : member.name;
      accept(':');
      member.type = type();
      record.by_name.emplace_back(member.name, record.members.size());
      record.members.push_back(member);
    }
    std::sort(record.by_name.begin(), record.by_name.end());
  }

  const BindType* type() {
    if (accept('@')) {
      return named(word());
    }
    BindType* out = &types_.emplace_back();
    if (accept('[')) {
      out->kind = BindKind::list;
      out->element = type();
      accept(']');
    } else if (accept('{')) {
      out->kind = BindKind::map;
      out->element = type();
      out->null_elements = accept('?');
      accept('}');
    } else {
      const std::string_view name = word();
      out->kind = std::find_if(std::begin(kKinds), std::end(kKinds), [&](const auto& k) {
                    return k.first == name;
                  })->second;
    }
    return out;
  }

  std::deque<BindType>& types_;
  std::map<std::string_view, BindType*> named_;
};

}  // namespace

const BindType& project_type() {
  static std::deque<BindType> types;
  static const BindType* root = TypeTableReader(bind_table(), types).read();
  return *root;
}

const BindType* member_type(const BindType& record, std::string_view name) {
  const auto at =
      std::lower_bound(record.by_name.begin(),
                       record.by_name.end(),
                       name,
                       [](const auto& known, std::string_view n) { return known.first < n; });
  return at != record.by_name.end() && at->first == name ? record.members[at->second].type
                                                         : nullptr;
}

}  // namespace compose
