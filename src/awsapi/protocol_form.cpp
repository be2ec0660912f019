#include <charconv>
#include <map>
#include <memory>

#include "awsapi/protocol_codecs.hpp"
#include "awsapi/time_text.hpp"
#include "doc/json_writer.hpp"
#include "util/hash.hpp"
#include "util/strings.hpp"
#include "util/uri.hpp"

namespace awsapi {
namespace {

constexpr std::size_t kMaxKeyDepth = 64;

std::string form_name(Protocol protocol, const Member& member) {
  if (protocol != Protocol::ec2) {
    return std::string(member.wire);
  }
  std::string name(member.query.empty() ? member.wire : member.query);
  if (member.query.empty() && !name.empty()) {
    name[0] = util::to_upper(name.substr(0, 1))[0];
  }
  return name;
}

std::string scalar_text(const Type& type, const doc::Node& value) {
  if (const std::string* text = value.as_string()) {
    return type.kind == Kind::blob ? util::base64(*text) : *text;
  }
  if (type.kind == Kind::timestamp && value.as_int() != nullptr) {
    return to_iso8601(*value.as_int());
  }
  return doc::to_json(value);
}

// Client: writes members as `prefix=value&`.
class FormWriter {
 public:
  explicit FormWriter(Protocol protocol) : protocol_(protocol) {}

  void add(std::string_view key, std::string_view value) {
    if (!out_.empty()) {
      out_ += '&';
    }
    out_ += util::uri_encode(key);
    out_ += '=';
    out_ += util::uri_encode(value);
  }

  void structure(const std::string& prefix, const Shape& shape, const doc::Node& value) {
    for (const Member& member : shape.members) {
      const doc::Node* node = value.find(member.name);
      if (node != nullptr && !node->is_null()) {
        const std::string name = form_name(protocol_, member);
        put(prefix.empty() ? name : prefix + "." + name, *member.type, *node);
      }
    }
  }

  std::string take() { return std::move(out_); }

 private:
  void put(const std::string& prefix, const Type& type, const doc::Node& value) {
    if (type.kind == Kind::structure) {
      structure(prefix, type.shape(), value);
    } else if (type.kind == Kind::list && value.as_sequence() != nullptr) {
      list(prefix, type, *value.as_sequence());
    } else if (type.kind == Kind::map && value.as_mapping() != nullptr) {
      entries(prefix, type, *value.as_mapping());
    } else {
      add(prefix, scalar_text(type, value));
    }
  }

  void list(const std::string& prefix, const Type& type, const doc::Sequence& value) {
    if (value.items.empty() && protocol_ == Protocol::query) {
      add(prefix, "");
    }
    const std::string item_prefix =
        protocol_ == Protocol::query ? prefix + ".member." : prefix + ".";
    std::size_t index = 0;
    for (const doc::Node& item : value.items) {
      put(item_prefix + std::to_string(++index), *type.element, item);
    }
  }

  void entries(const std::string& prefix, const Type& type, const doc::Mapping& value) {
    std::size_t index = 0;
    for (const doc::Entry& entry : value.entries) {
      const std::string entry_prefix = prefix + ".entry." + std::to_string(++index);
      add(entry_prefix + ".key", entry.key.value);
      put(entry_prefix + ".value", *type.element, entry.value);
    }
  }

  Protocol protocol_;
  std::string out_;
};

// Server: the dotted keys of a form as a tree.
struct Branch {
  std::optional<std::string> value;
  std::map<std::string, std::unique_ptr<Branch>, std::less<>> children;

  [[nodiscard]] const Branch* find(std::string_view name) const {
    const auto at = children.find(name);
    return at == children.end() ? nullptr : at->second.get();
  }

  // Children with numbers for names, in numeric order; gaps are closed, as AWS does.
  [[nodiscard]] std::map<std::int64_t, const Branch*> numbered() const {
    std::map<std::int64_t, const Branch*> out;
    for (const auto& [name, child] : children) {
      if (const auto index = util::parse_int(name)) {
        out.emplace(*index, child.get());
      }
    }
    return out;
  }
};

using FormRead = util::Result<doc::Node, WireError>;

FormRead malformed(std::string code, std::string message) {
  return util::unexpected(WireError{std::move(code), std::move(message), 400, {}});
}

bool plant(Branch& root, std::string_view key, const std::string& value) {
  Branch* at = &root;
  std::size_t depth = 0;
  while (true) {
    if (++depth > kMaxKeyDepth) {
      return false;
    }
    const std::size_t dot = key.find('.');
    auto& child = at->children[std::string(key.substr(0, dot))];
    if (!child) {
      child = std::make_unique<Branch>();
    }
    at = child.get();
    if (dot == std::string_view::npos) {
      break;
    }
    key.remove_prefix(dot + 1);
  }
  at->value = value;
  return true;
}

class FormReader {
 public:
  explicit FormReader(Protocol protocol) : protocol_(protocol) {}

  // NOLINTNEXTLINE(misc-no-recursion): as deep as kMaxKeyDepth at most
  FormRead structure(const std::string& path, const Shape& shape, const Branch& branch) {
    doc::Mapping out;
    for (const Member& member : shape.members) {
      const Branch* child = find(branch, member);
      if (child == nullptr) {
        continue;
      }
      const std::string name =
          path.empty() ? form_name(protocol_, member) : path + "." + form_name(protocol_, member);
      auto value = read(name, *member.type, *child);
      if (!value) {
        return value;
      }
      out.entries.push_back({{std::string(member.name), {}}, std::move(*value)});
    }
    return doc::Node{std::move(out)};
  }

 private:
  const Branch* find(const Branch& branch, const Member& member) const {
    const Branch* child = branch.find(form_name(protocol_, member));
    return child != nullptr ? child : branch.find(member.name);
  }

  FormRead read(const std::string& path, const Type& type, const Branch& branch) {
    switch (type.kind) {
      case Kind::structure: return structure(path, type.shape(), branch);
      case Kind::list: return list(path, type, branch);
      case Kind::map: return map(path, type, branch);
      case Kind::string:
      case Kind::integer:
      case Kind::real:
      case Kind::boolean:
      case Kind::timestamp:
      case Kind::blob: break;
    }
    return branch.value
               ? scalar(path, type, *branch.value)
               : malformed(bad_value_code(), "The parameter " + path + " is not a structure");
  }

  FormRead list(const std::string& path, const Type& type, const Branch& branch) {
    const Branch* members = branch.find("member");
    doc::Sequence out;
    for (const auto& [index, child] : (members != nullptr ? *members : branch).numbered()) {
      auto item = read(path + "." + std::to_string(index), *type.element, *child);
      if (!item) {
        return item;
      }
      out.items.push_back(std::move(*item));
    }
    return doc::Node{std::move(out)};
  }

  FormRead map(const std::string& path, const Type& type, const Branch& branch) {
    const Branch* members = branch.find("entry");
    doc::Mapping out;
    for (const auto& [index, child] : (members != nullptr ? *members : branch).numbered()) {
      const Branch* key = child->find("key");
      const Branch* value = child->find("value");
      if (key == nullptr || !key->value || value == nullptr) {
        return malformed(bad_value_code(),
                         "The map " + path + " has an entry without key or value");
      }
      auto item = read(path + "." + std::to_string(index), *type.element, *value);
      if (!item) {
        return item;
      }
      out.set(*key->value, std::move(*item));
    }
    return doc::Node{std::move(out)};
  }

  FormRead scalar(const std::string& path, const Type& type, const std::string& text) {
    if (type.kind == Kind::string) {
      return doc::Node{text};
    }
    if (type.kind == Kind::boolean &&
        (util::iequals(text, "true") || util::iequals(text, "false"))) {
      return doc::Node{util::iequals(text, "true")};
    }
    if (const auto number = util::parse_int(text); number && type.kind == Kind::integer) {
      return doc::Node{*number};
    }
    if (type.kind == Kind::timestamp) {
      if (const auto millis = parse_instant(text)) {
        return doc::Node{*millis};
      }
    }
    if (type.kind == Kind::blob) {
      if (auto bytes = util::from_base64(text)) {
        return doc::Node{std::move(*bytes)};
      }
    }
    if (type.kind == Kind::real) {
      double value = 0;
      const char* end = text.data() + text.size();
      if (const auto read = std::from_chars(text.data(), end, value);
          read.ec == std::errc{} && read.ptr == end) {
        return doc::Node{value};
      }
    }
    return malformed(bad_value_code(), "Invalid value '" + text + "' for " + path);
  }

  [[nodiscard]] std::string bad_value_code() const {
    return protocol_ == Protocol::ec2 ? "InvalidParameterValue" : "MalformedInput";
  }

  Protocol protocol_;
};

bool is_envelope(std::string_view key) {
  for (const std::string_view known : {"Action",
                                       "Version",
                                       "AWSAccessKeyId",
                                       "SecurityToken",
                                       "Timestamp",
                                       "Expires",
                                       "Signature",
                                       "SignatureMethod",
                                       "SignatureVersion",
                                       "AuthParams"}) {
    if (key == known) {
      return true;
    }
  }
  return key.substr(0, 6) == "X-Amz-";
}

// ec2 answers UnknownParameter; the query services ignore what they do not know.
std::optional<WireError> unknown_parameter(const Operation& operation, const Branch& root) {
  for (const auto& [key, branch] : root.children) {
    bool known = is_envelope(key);
    for (const Member& member : operation.input->members) {
      known = known || key == form_name(Protocol::ec2, member) || key == member.name;
    }
    if (!known) {
      return WireError{"UnknownParameter", "The parameter " + key + " is not recognized", 400, {}};
    }
  }
  return std::nullopt;
}

std::string form_decode(std::string_view text) {
  return util::uri_decode(util::replace_all(text, "+", " "));
}

}  // namespace

Parameters parse_form(std::string_view text) {
  Parameters out;
  while (!text.empty()) {
    const std::size_t end = text.find('&');
    const std::string_view pair = text.substr(0, end);
    const std::size_t equals = pair.find('=');
    if (!pair.empty()) {
      out.emplace_back(
          form_decode(pair.substr(0, equals)),
          equals == std::string_view::npos ? std::string{} : form_decode(pair.substr(equals + 1)));
    }
    text = end == std::string_view::npos ? std::string_view{} : text.substr(end + 1);
  }
  return out;
}

std::string encode_form(const Operation& operation, const doc::Node& input) {
  FormWriter writer(operation.service().protocol);
  writer.add("Action", operation.name);
  writer.add("Version", operation.service().version);
  writer.structure("", *operation.input, input);
  return writer.take();
}

util::Result<doc::Node, WireError> read_form(const Operation& operation,
                                             const Parameters& parameters) {
  Branch root;
  for (const auto& [key, value] : parameters) {
    if (!plant(root, key, value)) {
      return malformed("MalformedQueryString",
                       "The parameter name " + key.substr(0, 64) + "… is too deep");
    }
  }
  const Protocol protocol = operation.service().protocol;
  if (protocol == Protocol::ec2) {
    if (auto unknown = unknown_parameter(operation, root)) {
      return util::unexpected(std::move(*unknown));
    }
  }
  return FormReader(protocol).structure("", *operation.input, root);
}

}  // namespace awsapi
