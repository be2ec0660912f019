#include "compose/bind.hpp"

#include <algorithm>
#include <charconv>
#include <deque>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "compose/cast.hpp"
#include "compose/go_text.hpp"
#include "compose/normalize.hpp"
#include "compose/units.hpp"
#include "util/strings.hpp"

namespace compose {
namespace {

enum class Kind : std::uint8_t {
  string,
  bool_,
  int_,
  int64,
  uint,
  uint32,
  float32,
  bytes,
  duration,
  texts,
  string_list,
  number_list,
  command,
  mapping,
  labels,
  variables,
  options,
  multi_options,
  text_map,
  hosts,
  ssh,
  file_mode,
  ulimits,
  device_count,
  cpus,
  health_test,
  opt_out,
  record,
  list,
  map,
};

struct Type;

struct Member {
  std::string_view name;
  const Type* type = nullptr;
  bool always = false;   // printed also when empty
  bool pointer = false;  // absent and empty are different
};

struct Type {
  Kind kind = Kind::string;
  std::vector<Member> members;                                    // of a record, in print order
  std::vector<std::pair<std::string_view, std::size_t>> by_name;  // sorted
  bool extensions = false;
  const Type* element = nullptr;  // of a list or map
  bool null_elements = false;
  const Type* same_as = nullptr;
};

constexpr std::pair<std::string_view, Kind> kKinds[] = {
    {"string", Kind::string},
    {"bool", Kind::bool_},
    {"int", Kind::int_},
    {"int64", Kind::int64},
    {"uint", Kind::uint},
    {"uint32", Kind::uint32},
    {"float32", Kind::float32},
    {"bytes", Kind::bytes},
    {"duration", Kind::duration},
    {"texts", Kind::texts},
    {"string_list", Kind::string_list},
    {"number_list", Kind::number_list},
    {"command", Kind::command},
    {"mapping", Kind::mapping},
    {"labels", Kind::labels},
    {"variables", Kind::variables},
    {"options", Kind::options},
    {"multi_options", Kind::multi_options},
    {"text_map", Kind::text_map},
    {"hosts", Kind::hosts},
    {"ssh", Kind::ssh},
    {"file_mode", Kind::file_mode},
    {"ulimits", Kind::ulimits},
    {"device_count", Kind::device_count},
    {"cpus", Kind::cpus},
    {"health_test", Kind::health_test},
    {"opt_out", Kind::opt_out},
};

class TypeTableReader {
 public:
  TypeTableReader(std::string_view text, std::deque<Type>& types) : rest_(text), types_(types) {}

  const Type* read() {
    for (skip(); !rest_.empty(); skip()) {
      Type* record = named(word());
      accept('=');
      record->kind = Kind::record;
      members(*record);
    }
    return named("project");
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

  std::string_view word() {
    skip();
    std::size_t n = 0;
    while (n < rest_.size() && (util::is_alnum(rest_[n]) || rest_[n] == '_')) {
      ++n;
    }
    const std::string_view out = rest_.substr(0, n);
    rest_.remove_prefix(n);
    return out;
  }

  Type* named(std::string_view name) {
    Type*& slot = named_[name];
    return slot != nullptr ? slot : slot = &types_.emplace_back();
  }

  // Up to the name of the next record: a word that is followed by '='.
  void members(Type& record) {
    while (true) {
      if (accept('~')) {
        word();
        record.extensions = true;
        break;
      }
      const std::string_view before = rest_;
      Member member;
      member.name = word();
      skip();
      if (member.name.empty() || rest_.starts_with('=')) {
        rest_ = before;
        break;
      }
      member.always = accept('!');
      member.pointer = accept('?');
      accept(':');
      member.type = type();
      record.by_name.emplace_back(member.name, record.members.size());
      record.members.push_back(member);
    }
    std::sort(record.by_name.begin(), record.by_name.end());
  }

  const Type* type() {
    if (accept('@')) {
      return named(word());
    }
    Type* out = &types_.emplace_back();
    if (accept('[')) {
      out->kind = Kind::list;
      out->element = type();
      accept(']');
    } else if (accept('{')) {
      out->kind = Kind::map;
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

  std::string_view rest_;
  std::deque<Type>& types_;
  std::map<std::string_view, Type*> named_;
};

const Type& project_type() {
  static std::deque<Type> types;
  static const Type* root = TypeTableReader(bind_table(), types).read();
  return *root;
}

// Where a value stands, in the words of the reference: services[a].ports[0].target.
class BindPath {
 public:
  void key(std::string_view name) { steps_.push_back({name, 0, '.'}); }

  void entry(std::string_view name) { steps_.push_back({name, 0, '['}); }

  void item(std::size_t index) { steps_.push_back({{}, index, '#'}); }

  void pop() { steps_.pop_back(); }

  [[nodiscard]] std::string text() const {
    std::string out;
    for (const auto& step : steps_) {
      if (step.kind == '.') {
        out += (out.empty() ? "" : ".") + std::string(step.name);
      } else {
        out += "[" + (step.kind == '[' ? std::string(step.name) : std::to_string(step.index)) + "]";
      }
    }
    return out;
  }

 private:
  struct BindStep {
    std::string_view name;
    std::size_t index;
    char kind;
  };

  std::vector<BindStep> steps_;
};

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

doc::Node placed(doc::Node node, const diag::Span& span) {
  node.span = span;
  return node;
}

class Binder {
 public:
  explicit Binder(Problems& problems) : problems_(problems) {}

  // `node` becomes its typed form; false after a report.
  bool value(doc::Node& node, const Type& type) {
    if (node.is_null()) {
      return true;
    }
    switch (type.kind) {
      case Kind::string: return string(node);
      case Kind::bool_:
      case Kind::opt_out: return boolean(node);
      case Kind::int_: return integer(node, Cast::integer, "int");
      case Kind::int64: return integer(node, Cast::integer64, "int64");
      case Kind::uint: return unsigned_integer(node, "uint64");
      case Kind::uint32: return unsigned_integer(node, "uint32");
      case Kind::float32: return float32(node);
      case Kind::bytes: return bytes(node);
      case Kind::duration: return duration(node);
      case Kind::texts: return texts(node);
      case Kind::string_list: return string_list(node, false);
      case Kind::number_list: return string_list(node, true);
      case Kind::command: return command(node);
      case Kind::mapping: return pairs(node, "mapping", false);
      case Kind::labels: return pairs(node, "labels", false);
      case Kind::variables: return pairs(node, "mapping", true);
      case Kind::options: return options(node);
      case Kind::multi_options: return multi_options(node);
      case Kind::text_map: return text_map(node);
      case Kind::hosts: return hosts(node);
      case Kind::ssh: return ssh(node);
      case Kind::file_mode: return file_mode(node);
      case Kind::ulimits: return ulimits(node);
      case Kind::device_count: return device_count(node);
      case Kind::cpus: return cpus(node);
      case Kind::health_test: return health_test(node);
      case Kind::record: return record(node, type);
      case Kind::list: return list(node, type);
      case Kind::map: return map(node, type);
    }
    return true;
  }

 private:
  bool fail(const doc::Node& node, const std::string& reason) {
    problems_.error(
        "compose.invalid-value",
        "decoding failed due to the following error(s):\n\n'" + path_.text() + "' " + reason,
        known(node.span));
    return false;
  }

  bool unconvertible(const doc::Node& node, std::string_view wanted) {
    return fail(node,
                "expected type '" + std::string(wanted) + "', got unconvertible type '" +
                    std::string(type_name(node)) + "'");
  }

  static void set_text(doc::Node& node, std::string text) {
    node.value = std::move(text);
    node.tag.clear();
  }

  bool string(doc::Node& node) {
    if (node.as_string() != nullptr && node.tag.empty()) {
      return true;
    }
    if (node.as_int() != nullptr) {
      set_text(node, plain_text(node));
      return true;
    }
    return unconvertible(node, "string");
  }

  // Converts texts as `cast` says; false after a report, or when the text was no text.
  bool cast(doc::Node& node, Cast cast) {
    const std::string* text = node.as_string();
    if (text == nullptr || !node.tag.empty()) {
      return true;
    }
    util::Result<doc::Node::Value, std::string> value =
        cast_text(*text, cast, node.span, problems_);
    if (!value) {
      return fail(node, value.error());
    }
    node.value = std::move(*value);
    return true;
  }

  bool boolean(doc::Node& node) {
    return cast(node, Cast::boolean) && (node.as_bool() != nullptr || unconvertible(node, "bool"));
  }

  bool integer(doc::Node& node, Cast kind, std::string_view name) {
    if (!cast(node, kind)) {
      return false;
    }
    if (const double* number = node.as_double()) {
      node.value = static_cast<std::int64_t>(*number);
    }
    return node.as_int() != nullptr || unconvertible(node, name);
  }

  bool unsigned_integer(doc::Node& node, std::string_view name) {
    if (const std::int64_t* number = node.as_int(); number != nullptr && *number < 0) {
      return fail(node,
                  "cannot parse value as '" + std::string(name) + "': " + std::to_string(*number) +
                      " overflows uint");
    }
    if (const double* number = node.as_double(); number != nullptr && *number >= 0) {
      node.value = static_cast<std::int64_t>(*number);
    }
    if (std::int64_t* number =
            node.as_int() != nullptr ? std::get_if<std::int64_t>(&node.value) : nullptr) {
      if (name == "uint32") {
        *number = static_cast<std::int64_t>(static_cast<std::uint32_t>(*number));
      }
      return true;
    }
    return unconvertible(node, name);
  }

  bool float32(doc::Node& node) {
    if (!cast(node, Cast::number32)) {
      return false;
    }
    if (const std::int64_t* number = node.as_int()) {
      node.value = as_float32(static_cast<double>(*number));
    } else if (const double* real = node.as_double()) {
      node.value = as_float32(*real);
    } else {
      return unconvertible(node, "float32");
    }
    return true;
  }

  bool cpus(doc::Node& node) {
    if (node.as_string() != nullptr) {
      const util::Result<double, std::string> number = read_float(*node.as_string());
      if (!number) {
        return fail(node, number.error());
      }
      node.value = as_float32(*number);
      return true;
    }
    if (node.as_int() == nullptr && node.as_double() == nullptr) {
      return fail(node, "unexpected value type " + std::string(type_name(node)) + " for cpus");
    }
    return float32(node);
  }

  bool bytes(doc::Node& node) {
    std::int64_t size = 0;
    if (const std::int64_t* number = node.as_int()) {
      size = *number;
    } else if (const std::string* text = node.as_string()) {
      const util::Result<std::int64_t, std::string> parsed = parse_bytes(*text);
      if (!parsed) {
        return fail(node, parsed.error());
      }
      size = *parsed;
    }
    set_text(node, std::to_string(size));
    return true;
  }

  bool duration(doc::Node& node) {
    const util::Result<std::int64_t, std::string> parsed = parse_duration(plain_text(node));
    if (!parsed) {
      return fail(node, parsed.error());
    }
    set_text(node, duration_text(*parsed));
    return true;
  }

  bool not_a_list(const doc::Node& node) {
    const std::string_view kind = node.as_mapping() != nullptr  ? "map"
                                  : node.as_double() != nullptr ? "float64"
                                                                : type_name(node);
    return fail(node, "source data must be an array or slice, got " + std::string(kind));
  }

  bool texts(doc::Node& node) {
    doc::Sequence* sequence = node.as_sequence();
    if (sequence == nullptr) {
      return not_a_list(node);
    }
    bool good = true;
    for (std::size_t i = 0; i < sequence->items.size(); ++i) {
      path_.item(i);
      good = (sequence->items[i].is_null() || string(sequence->items[i])) && good;
      path_.pop();
      if (sequence->items[i].is_null()) {
        set_text(sequence->items[i], "");
      }
    }
    return good;
  }

  bool string_list(doc::Node& node, bool numbers) {
    if (node.as_string() != nullptr) {
      node = placed(doc::list({node}), node.span);
      return true;
    }
    doc::Sequence* sequence = node.as_sequence();
    if (sequence == nullptr) {
      return fail(node, "invalid type " + std::string(type_name(node)) + " for string list");
    }
    for (doc::Node& item : sequence->items) {
      if (text_of(item) == nullptr && !numbers) {
        return fail(item, "invalid type []interface {} for string list");
      }
      set_text(item, plain_text(item));
    }
    return true;
  }

  bool command(doc::Node& node) {
    if (const std::string* text = node.as_string()) {
      const util::Result<CommandLine, std::string> line = split_command(*text);
      if (!line) {
        return fail(node, line.error());
      }
      warn_of_cut(node, *line);
      doc::Sequence words;
      for (const std::string& word : line->words) {
        words.items.push_back(placed(doc::Node{word}, node.span));
      }
      node = placed(doc::Node{std::move(words)}, node.span);
      return true;
    }
    if (doc::Sequence* sequence = node.as_sequence()) {
      for (doc::Node& item : sequence->items) {
        if (text_of(item) == nullptr) {
          return unconvertible(item, "string");
        }
      }
    }
    return true;
  }

  void warn_of_cut(const doc::Node& node, const CommandLine& line) {
    if (line.cut != std::string_view::npos) {
      problems_.report({diag::Severity::note,
                        "compose.command-cut",
                        "the command ends at the unquoted `" +
                            std::string(1, (*node.as_string())[line.cut]) +
                            "`, as it does with Docker Compose",
                        known(node.span),
                        {},
                        "no shell runs it; write [\"sh\", \"-c\", \"…\"] to have one"});
    }
  }

  bool health_test(doc::Node& node) {
    if (node.as_string() != nullptr) {
      node = placed(doc::list({placed(doc::Node{"CMD-SHELL"}, node.span), node}), node.span);
      return true;
    }
    if (node.as_sequence() == nullptr) {
      return fail(
          node, "unexpected value type " + std::string(type_name(node)) + " for healthcheck.test");
    }
    return command(node);
  }

  static void sort_by_key(doc::Mapping& mapping) {
    std::stable_sort(
        mapping.entries.begin(),
        mapping.entries.end(),
        [](const doc::Entry& a, const doc::Entry& b) { return a.key.value < b.key.value; });
  }

  // Sorted by key; of equal keys the last one stays.
  static void sort_unique(doc::Mapping& mapping) {
    sort_by_key(mapping);
    std::size_t kept = 0;
    for (std::size_t i = 0; i < mapping.entries.size(); ++i) {
      if (kept > 0 && mapping.entries[kept - 1].key.value == mapping.entries[i].key.value) {
        mapping.entries[kept - 1] = std::move(mapping.entries[i]);
      } else {
        if (kept != i) {
          mapping.entries[kept] = std::move(mapping.entries[i]);
        }
        ++kept;
      }
    }
    mapping.entries.resize(kept);
  }

  // environment, labels and the like: k=v items or a mapping. Without a value: null for variables,
  // else "".
  bool pairs(doc::Node& node, std::string_view what, bool variables) {
    if (doc::Mapping* mapping = node.as_mapping()) {
      for (doc::Entry& entry : mapping->entries) {
        if (!entry.value.is_null()) {
          set_text(entry.value, plain_text(entry.value));
        } else if (!variables) {
          set_text(entry.value, "");
        }
      }
      sort_by_key(*mapping);
      return true;
    }
    doc::Sequence* sequence = node.as_sequence();
    if (sequence == nullptr) {
      return fail(
          node,
          "unexpected value type " + std::string(type_name(node)) + " for " + std::string(what));
    }
    doc::Mapping out;
    out.entries.reserve(sequence->items.size());
    for (const doc::Node& item : sequence->items) {
      const std::string pair = plain_text(item);
      const std::size_t equals = pair.find('=');
      std::string key = pair.substr(0, equals);
      if (variables && !key.empty() &&
          (key.back() == ' ' || (key.back() >= '\t' && key.back() <= '\r'))) {
        return fail(item, "environment variable " + key + " is declared with a trailing space");
      }
      doc::Node value = placed(doc::Node{}, item.span);
      if (equals != std::string::npos) {
        value.value = pair.substr(equals + 1);
      } else if (!variables) {
        value.value = std::string();
      }
      out.entries.push_back({{std::move(key), item.span}, std::move(value)});
    }
    sort_unique(out);
    node = placed(doc::Node{std::move(out)}, node.span);
    return true;
  }

  bool options(doc::Node& node) {
    if (node.as_mapping() == nullptr) {
      return fail(node, "invalid type " + std::string(type_name(node)) + " for options");
    }
    return pairs(node, "options", false);
  }

  bool multi_options(doc::Node& node) {
    doc::Mapping* mapping = node.as_mapping();
    if (mapping == nullptr) {
      return fail(node, "invalid type " + std::string(type_name(node)) + " for options");
    }
    for (doc::Entry& entry : mapping->entries) {
      if (entry.value.as_sequence() == nullptr) {
        entry.value = placed(doc::list({entry.value}), entry.value.span);
      }
      for (doc::Node& item : entry.value.as_sequence()->items) {
        set_text(item, plain_text(item));
      }
    }
    sort_by_key(*mapping);
    return true;
  }

  // Only texts (and whole numbers) are values here.
  bool text_map(doc::Node& node) {
    doc::Mapping* mapping = node.as_mapping();
    if (mapping == nullptr) {
      return fail(node,
                  "expected type 'map[string]string', got unconvertible type '" +
                      std::string(type_name(node)) + "'");
    }
    bool good = true;
    for (doc::Entry& entry : mapping->entries) {
      path_.entry(entry.key.value);
      good = (entry.value.is_null() || string(entry.value)) && good;
      path_.pop();
      if (entry.value.is_null()) {
        set_text(entry.value, "");
      }
    }
    sort_by_key(*mapping);
    return good;
  }

  struct HostAddress {
    std::string host;
    std::string address;
    diag::Span span;
  };

  static void add_addresses(std::vector<HostAddress>& out,
                            const std::string& host,
                            const doc::Node& value) {
    if (const doc::Sequence* list = value.as_sequence()) {
      for (const doc::Node& item : list->items) {
        out.push_back({host, plain_text(item), item.span});
      }
    } else {
      out.push_back({host, value.is_null() ? std::string() : plain_text(value), value.span});
    }
  }

  bool hosts(doc::Node& node) {
    std::vector<HostAddress> all;
    if (const doc::Mapping* mapping = node.as_mapping()) {
      for (const doc::Entry& entry : mapping->entries) {
        add_addresses(all, entry.key.value, entry.value);
      }
    } else if (const doc::Sequence* sequence = node.as_sequence()) {
      for (const doc::Node& item : sequence->items) {
        const std::string text = plain_text(item);
        std::size_t cut = text.find('=');
        cut = cut == std::string::npos ? text.find(':') : cut;
        if (cut == std::string::npos) {
          return fail(item, "invalid additional host, missing IP: " + text);
        }
        for (std::string& address : util::split(std::string_view(text).substr(cut + 1), ',')) {
          all.push_back({text.substr(0, cut), std::move(address), item.span});
        }
      }
    } else {
      return fail(node,
                  "unexpected value type " + std::string(type_name(node)) + " for extra_hosts");
    }
    return set_hosts(node, all);
  }

  bool set_hosts(doc::Node& node, const std::vector<HostAddress>& all) {
    doc::Sequence out;
    for (const HostAddress& each : all) {
      if (each.host.empty() || each.host.find_first_of(":=") != std::string::npos) {
        return fail(node, "bad host name '" + each.host + "'");
      }
      std::string_view ip = each.address;
      if (ip.size() > 2 && ip.front() == '[' && ip.back() == ']') {
        ip = ip.substr(1, ip.size() - 2);
      }
      out.items.push_back(placed(doc::Node{each.host + "=" + std::string(ip)}, each.span));
    }
    std::stable_sort(
        out.items.begin(), out.items.end(), [](const doc::Node& a, const doc::Node& b) {
          return *a.as_string() < *b.as_string();
        });
    node = placed(doc::Node{std::move(out)}, node.span);
    return true;
  }

  bool ssh(doc::Node& node) {
    const doc::Mapping* mapping = node.as_mapping();
    if (mapping == nullptr) {
      return fail(node, "invalid ssh config type " + std::string(type_name(node)));
    }
    doc::Sequence out;
    for (const doc::Entry& entry : mapping->entries) {
      const std::string path = entry.value.is_null() ? std::string() : plain_text(entry.value);
      out.items.push_back(
          placed(doc::Node{path.empty() ? entry.key.value : entry.key.value + ": " + path},
                 entry.key.span));
    }
    std::sort(out.items.begin(), out.items.end(), [](const doc::Node& a, const doc::Node& b) {
      return *a.as_string() < *b.as_string();
    });
    node = placed(doc::Node{std::move(out)}, node.span);
    return true;
  }

  bool file_mode(doc::Node& node) {
    std::int64_t mode = 0;
    if (const std::int64_t* number = node.as_int()) {
      mode = *number;
    } else if (const std::string* text = node.as_string()) {
      const char* end = text->data() + text->size();
      const auto [at, error] = std::from_chars(text->data(), end, mode, 8);
      if (text->empty() || at != end || error != std::errc{}) {
        return fail(node, "strconv.ParseInt: parsing " + quoted(*text) + ": invalid syntax");
      }
    } else {
      return fail(node, "unexpected value type " + std::string(type_name(node)) + " for mode");
    }
    char buffer[32];
    const auto written = std::to_chars(buffer, buffer + sizeof buffer, mode, 8);
    set_text(node, "0" + std::string(buffer, written.ptr));
    return true;
  }

  // One number, unless it is zero or there are two: then soft and hard.
  bool ulimits(doc::Node& node) {
    doc::Mapping* mapping = node.as_mapping();
    if (mapping == nullptr) {
      return unconvertible(node, "map[string]*types.UlimitsConfig");
    }
    for (doc::Entry& entry : mapping->entries) {
      doc::Node& limit = entry.value;
      if (limit.is_null() || (limit.as_int() != nullptr && *limit.as_int() != 0)) {
        continue;
      }
      const auto part = [&](std::string_view name) {
        const doc::Node* value = limit.find(name);
        return value != nullptr && value->as_int() != nullptr
                   ? placed(doc::Node{*value->as_int()}, value->span)
                   : placed(doc::Node{0}, limit.span);
      };
      limit = placed(doc::map({{"soft", part("soft")}, {"hard", part("hard")}}), limit.span);
    }
    sort_by_key(*mapping);
    return true;
  }

  bool device_count(doc::Node& node) {
    if (node.as_int() != nullptr) {
      return true;
    }
    const std::string* text = node.as_string();
    if (text == nullptr) {
      return fail(node, "invalid type " + std::string(type_name(node)) + " for device count");
    }
    if (util::to_lower(*text) == "all") {
      node.value = std::int64_t{-1};
      return true;
    }
    const util::Result<std::int64_t, std::string> count = read_int(*text);
    if (!count) {
      return fail(
          node, "invalid value " + quoted(*text) + ", the only value allowed is 'all' or a number");
    }
    node.value = *count;
    return true;
  }

  bool list(doc::Node& node, const Type& type) {
    doc::Sequence* sequence = node.as_sequence();
    if (sequence == nullptr) {
      return not_a_list(node);
    }
    bool good = true;
    for (std::size_t i = 0; i < sequence->items.size(); ++i) {
      path_.item(i);
      good = element(sequence->items[i], type) && good;
      path_.pop();
    }
    return good;
  }

  bool map(doc::Node& node, const Type& type) {
    doc::Mapping* mapping = node.as_mapping();
    if (mapping == nullptr) {
      return fail(node, "expected a map, got '" + std::string(type_name(node)) + "'");
    }
    bool good = true;
    for (doc::Entry& entry : mapping->entries) {
      path_.entry(entry.key.value);
      good = element(entry.value, type) && good;
      path_.pop();
    }
    sort_by_key(*mapping);
    return good;
  }

  bool element(doc::Node& node, const Type& type) {
    if (node.is_null() && !type.null_elements) {
      node.value = doc::Mapping{};
    }
    return value(node, *type.element);
  }

  bool record(doc::Node& node, const Type& type) {
    doc::Mapping* mapping = node.as_mapping();
    if (mapping == nullptr) {
      return fail(node, "expected a map or struct, got \"" + std::string(type_name(node)) + "\"");
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

  bool member(doc::Mapping& out, doc::Entry* entry, const Member& member, const diag::Span& span) {
    if (entry == nullptr || entry->value.is_null()) {
      if (member.always) {
        out.entries.push_back(
            {{std::string(member.name), span}, placed(empty_value(*member.type), span)});
      }
      return true;
    }
    path_.key(member.name);
    const bool good = value(entry->value, *member.type);
    path_.pop();
    const bool print = member.always || member.pointer || !omitted(entry->value, *member.type);
    if (good && print) {
      out.entries.push_back(std::move(*entry));
    }
    return good;
  }

  static doc::Node empty_value(const Type& type) {
    switch (type.kind) {
      case Kind::record:
      case Kind::map: return doc::Node{doc::Mapping{}};
      case Kind::bool_: return doc::Node{false};
      case Kind::uint:
      case Kind::int64: return doc::Node{0};
      case Kind::bytes: return doc::Node{"0"};
      case Kind::string:
      case Kind::int_:
      case Kind::uint32:
      case Kind::float32:
      case Kind::duration:
      case Kind::texts:
      case Kind::string_list:
      case Kind::number_list:
      case Kind::command:
      case Kind::mapping:
      case Kind::labels:
      case Kind::variables:
      case Kind::options:
      case Kind::multi_options:
      case Kind::text_map:
      case Kind::hosts:
      case Kind::ssh:
      case Kind::file_mode:
      case Kind::ulimits:
      case Kind::device_count:
      case Kind::cpus:
      case Kind::health_test:
      case Kind::opt_out:
      case Kind::list: break;
    }
    return doc::Node{""};
  }

  static bool omitted(const doc::Node& node, const Type& type) {
    if (type.kind == Kind::opt_out) {
      return node.as_bool() == nullptr || *node.as_bool();
    }
    if (type.kind == Kind::bytes) {
      return *node.as_string() == "0";
    }
    if (type.kind == Kind::duration) {
      return *node.as_string() == "0s";
    }
    return is_empty(node);
  }

  Problems& problems_;
  BindPath path_;
};

const Type* member_type(const Type& record, std::string_view name) {
  const auto at =
      std::lower_bound(record.by_name.begin(),
                       record.by_name.end(),
                       name,
                       [](const auto& known, std::string_view n) { return known.first < n; });
  return at != record.by_name.end() && at->first == name ? record.members[at->second].type
                                                         : nullptr;
}

void collect_attributes(const doc::Node& node,
                        const Type& type,
                        const std::string& prefix,
                        std::vector<diag::Located<std::string>>& out) {
  if (const doc::Sequence* sequence = node.as_sequence();
      sequence != nullptr && type.kind == Kind::list) {
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
    if (type.kind == Kind::map) {
      collect_attributes(entry.value, *type.element, prefix, out);
    } else if (type.kind == Kind::record) {
      if (const Type* member = member_type(type, entry.key.value)) {
        std::string path = prefix.empty() ? entry.key.value : prefix + "." + entry.key.value;
        out.push_back({path, entry.key.span});
        collect_attributes(entry.value, *member, path, out);
      }
    }
  }
}

}  // namespace

std::vector<diag::Located<std::string>> attribute_paths(const doc::Node& service) {
  static const Type& type = *member_type(project_type(), "services")->element;
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
