#include <charconv>
#include <pugixml.hpp>

#include "awsapi/http_date.hpp"
#include "awsapi/protocol_codecs.hpp"
#include "awsapi/time_text.hpp"
#include "awsapi/xml_text.hpp"
#include "doc/json_writer.hpp"
#include "util/hash.hpp"
#include "util/strings.hpp"

namespace awsapi {
namespace {

// Answers are shallow; pugixml parses without recursion, so only our walk needs the limit.
constexpr std::size_t kMaxElementDepth = 128;

class XmlWriter {
 public:
  void open(std::string_view name) {
    out_ += '<';
    out_ += name;
    out_ += '>';
  }

  void close(std::string_view name) {
    out_ += "</";
    out_ += name;
    out_ += '>';
  }

  void element(std::string_view name, std::string_view text) {
    open(name);
    out_ += xml_text(text);
    close(name);
  }

  void raw(std::string_view text) { out_ += text; }

  void structure(const Shape& shape, const doc::Node& value) {
    for (const Member& member : shape.members) {
      const doc::Node* node = value.find(member.name);
      if (node == nullptr || node->is_null()) {
        continue;
      }
      const std::string_view item = member.item.empty() ? "member" : member.item;
      if (member.flat && node->as_sequence() != nullptr) {
        for (const doc::Node& child : node->as_sequence()->items) {
          put(member.wire, item, *member.type->element, child);
        }
      } else {
        put(member.wire, item, *member.type, dated(member, *node));
      }
    }
  }

  std::string take() { return std::move(out_); }

 private:
  void put(std::string_view name, std::string_view item, const Type& type, const doc::Node& value) {
    open(name);
    if (type.kind == Kind::structure) {
      structure(type.shape(), value);
    } else if (type.kind == Kind::list && value.as_sequence() != nullptr) {
      for (const doc::Node& child : value.as_sequence()->items) {
        put(item, item, *type.element, child);
      }
    } else if (type.kind == Kind::map && value.as_mapping() != nullptr) {
      for (const doc::Entry& entry : value.as_mapping()->entries) {
        open("entry");
        element("key", entry.key.value);
        put("value", item, *type.element, entry.value);
        close("entry");
      }
    } else {
      out_ += xml_text(text_of(type, value));
    }
    close(name);
  }

  static doc::Node dated(const Member& member, const doc::Node& value) {
    return member.http_date && value.as_int() != nullptr ? doc::Node{to_http_date(*value.as_int())}
                                                         : value;
  }

  static std::string text_of(const Type& type, const doc::Node& value) {
    if (const std::string* text = value.as_string()) {
      return type.kind == Kind::blob ? util::base64(*text) : *text;
    }
    if (type.kind == Kind::timestamp && value.as_int() != nullptr) {
      return to_iso8601(*value.as_int());
    }
    return value.is_null() ? std::string{} : doc::to_json(value);
  }

  std::string out_;
};

constexpr std::string_view kXmlDeclaration = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n";

// Reading: by local name, because the services do not agree on namespaces.
std::string_view local_name(const pugi::xml_node& node) {
  const std::string_view name = node.name();
  const std::size_t colon = name.find(':');
  return colon == std::string_view::npos ? name : name.substr(colon + 1);
}

pugi::xml_node child_named(const pugi::xml_node& parent, std::string_view name) {
  for (const pugi::xml_node& child : parent.children()) {
    if (child.type() == pugi::node_element && local_name(child) == name) {
      return child;
    }
  }
  return {};
}

std::string text_in(const pugi::xml_node& node) {
  std::string out;
  for (const pugi::xml_node& child : node.children()) {
    if (child.type() == pugi::node_pcdata || child.type() == pugi::node_cdata) {
      out += child.value();
    }
  }
  return out;
}

doc::Node read_xml_scalar(const Type& type, const std::string& text) {
  const std::string_view trimmed = util::trim(text);
  if (type.kind == Kind::boolean) {
    return doc::Node{util::iequals(trimmed, "true")};
  }
  if (type.kind == Kind::integer) {
    const auto number = util::parse_int(trimmed);
    return number ? doc::Node{*number} : doc::Node{};
  }
  if (type.kind == Kind::real) {
    double value = 0;
    const auto read = std::from_chars(trimmed.data(), trimmed.data() + trimmed.size(), value);
    return read.ec == std::errc{} ? doc::Node{value} : doc::Node{};
  }
  if (type.kind == Kind::timestamp) {
    auto millis = parse_http_date(trimmed);
    millis = millis ? millis : parse_instant(trimmed);
    return millis ? doc::Node{*millis} : doc::Node{};
  }
  if (type.kind == Kind::blob) {
    auto bytes = util::from_base64(trimmed);
    return bytes ? doc::Node{std::move(*bytes)} : doc::Node{};
  }
  return doc::Node{text};
}

doc::Node read_xml_structure(const Shape& shape, const pugi::xml_node& element, std::size_t depth);

doc::Node read_xml_value(const Type& type, const pugi::xml_node& element, std::size_t depth) {
  if (depth > kMaxElementDepth) {
    return {};
  }
  if (type.kind == Kind::structure) {
    return read_xml_structure(type.shape(), element, depth + 1);
  }
  if (type.kind == Kind::list) {
    doc::Sequence out;
    for (const pugi::xml_node& child : element.children()) {
      if (child.type() == pugi::node_element) {
        out.items.push_back(read_xml_value(*type.element, child, depth + 1));
      }
    }
    return doc::Node{std::move(out)};
  }
  if (type.kind == Kind::map) {
    doc::Mapping out;
    for (const pugi::xml_node& entry : element.children()) {
      const pugi::xml_node value = child_named(entry, "value");
      if (value) {
        out.set(text_in(child_named(entry, "key")),
                read_xml_value(*type.element, value, depth + 1));
      }
    }
    return doc::Node{std::move(out)};
  }
  return read_xml_scalar(type, text_in(element));
}

doc::Node read_xml_structure(const Shape& shape, const pugi::xml_node& element, std::size_t depth) {
  doc::Mapping out;
  for (const Member& member : shape.members) {
    if (member.place != Place::body) {
      continue;
    }
    if (member.flat) {
      doc::Sequence items;
      for (const pugi::xml_node& child : element.children()) {
        if (child.type() == pugi::node_element && local_name(child) == member.wire) {
          items.items.push_back(read_xml_value(*member.type->element, child, depth + 1));
        }
      }
      if (!items.items.empty()) {
        out.entries.push_back({{std::string(member.name), {}}, doc::Node{std::move(items)}});
      }
    } else if (const pugi::xml_node child = child_named(element, member.wire)) {
      doc::Node value = read_xml_value(*member.type, child, depth + 1);
      if (!value.is_null()) {
        out.entries.push_back({{std::string(member.name), {}}, std::move(value)});
      }
    }
  }
  return doc::Node{std::move(out)};
}

bool load(pugi::xml_document& document, std::string_view body) {
  constexpr unsigned kFlags = pugi::parse_default | pugi::parse_ws_pcdata_single;
  return static_cast<bool>(
      document.load_buffer(body.data(), body.size(), kFlags, pugi::encoding_utf8));
}

// <ErrorResponse><Error>, <Response><Errors><Error>, or a bare <Error> (S3's form, and some load
// balancers).
pugi::xml_node error_element(const pugi::xml_node& root) {
  if (local_name(root) == "Error") {
    return root;
  }
  if (local_name(root) == "ErrorResponse") {
    return child_named(root, "Error");
  }
  return local_name(root) == "Response" ? child_named(child_named(root, "Errors"), "Error")
                                        : pugi::xml_node{};
}

}  // namespace

std::string encode_xml(const Operation& operation,
                       const doc::Node& output,
                       std::string_view request_id) {
  const Service& service = operation.service();
  const std::string root = std::string(operation.name) + "Response";
  XmlWriter xml;
  xml.raw(kXmlDeclaration);
  xml.raw("<" + root + " xmlns=\"" + std::string(service.xml_namespace) + "\">");
  if (service.protocol == Protocol::ec2) {
    xml.element("requestId", request_id);
    if (operation.has_output) {
      xml.structure(*operation.output, output);
    } else {
      xml.element("return", "true");
    }
    xml.close(root);
    return xml.take();
  }
  if (operation.has_output) {
    const std::string_view wrapper = operation.result_wrapper;
    const std::string result =
        wrapper.empty() ? std::string(operation.name) + "Result" : std::string(wrapper);
    xml.open(result);
    xml.structure(*operation.output, output);
    xml.close(result);
  }
  xml.open("ResponseMetadata");
  xml.element("RequestId", request_id);
  xml.close("ResponseMetadata");
  xml.close(root);
  return xml.take();
}

std::string encode_xml_error(const Service& service, const WireError& error) {
  XmlWriter xml;
  xml.raw(kXmlDeclaration);
  if (service.protocol == Protocol::rest_xml) {
    xml.raw("<Error>");
    xml.element("Code", error.code);
    xml.element("Message", error.message);
    xml.element("RequestId", error.request_id);
    xml.raw("</Error>");
    return xml.take();
  }
  if (service.protocol == Protocol::ec2) {
    xml.raw("<Response><Errors><Error>");
    xml.element("Code", error.code);
    xml.element("Message", error.message);
    xml.raw("</Error></Errors>");
    xml.element("RequestID", error.request_id);
    xml.raw("</Response>");
    return xml.take();
  }
  xml.raw("<ErrorResponse xmlns=\"" + std::string(service.xml_namespace) + "\"><Error>");
  xml.element("Type", error.http_status < 500 ? "Sender" : "Receiver");
  xml.element("Code", error.code);
  xml.element("Message", error.message);
  xml.raw("</Error>");
  xml.element("RequestId", error.request_id);
  xml.raw("</ErrorResponse>");
  return xml.take();
}

std::optional<doc::Node> read_xml(const Operation& operation, std::string_view body) {
  pugi::xml_document document;
  if (!load(document, body)) {
    return std::nullopt;
  }
  const pugi::xml_node root = document.document_element();
  if (local_name(root) != std::string(operation.name) + "Response") {
    return std::nullopt;
  }
  if (!operation.has_output || operation.service().protocol == Protocol::ec2) {
    return read_xml_structure(*operation.output, root, 0);
  }
  const std::string_view wrapper = operation.result_wrapper;
  const pugi::xml_node result = child_named(
      root, wrapper.empty() ? std::string(operation.name) + "Result" : std::string(wrapper));
  return read_xml_structure(*operation.output, result, 0);
}

std::string encode_xml_document(const Shape& shape,
                                const doc::Node& value,
                                std::string_view root,
                                std::string_view xml_namespace) {
  XmlWriter xml;
  xml.raw(kXmlDeclaration);
  const std::string name(root);
  xml.raw(xml_namespace.empty() ? "<" + name + ">"
                                : "<" + name + " xmlns=\"" + std::string(xml_namespace) + "\">");
  xml.structure(shape, value);
  xml.close(root);
  return xml.take();
}

std::optional<doc::Node> read_xml_document(const Shape& shape, std::string_view body) {
  pugi::xml_document document;
  if (!load(document, body)) {
    return std::nullopt;
  }
  return read_xml_structure(shape, document.document_element(), 0);
}

std::optional<WireError> read_xml_error(std::string_view body) {
  pugi::xml_document document;
  if (!load(document, body)) {
    return std::nullopt;
  }
  const pugi::xml_node root = document.document_element();
  const pugi::xml_node element = error_element(root);
  if (!element) {
    return std::nullopt;
  }
  WireError error;
  error.code = text_in(child_named(element, "Code"));
  error.message = text_in(child_named(element, "Message"));
  for (const std::string_view name : {"RequestId", "RequestID"}) {
    for (const pugi::xml_node& parent : {root, element}) {
      if (const pugi::xml_node id = child_named(parent, name)) {
        error.request_id = text_in(id);
      }
    }
  }
  return error;
}

}  // namespace awsapi
