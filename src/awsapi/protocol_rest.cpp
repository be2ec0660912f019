#include <algorithm>
#include <charconv>

#include "awsapi/http_date.hpp"
#include "awsapi/protocol_codecs.hpp"
#include "awsapi/time_text.hpp"
#include "doc/json_writer.hpp"
#include "util/hash.hpp"
#include "util/strings.hpp"
#include "util/uri.hpp"

namespace awsapi {
namespace {

bool has_place(const Shape& shape, Place place) {
  return std::any_of(shape.members.begin(), shape.members.end(), [&](const Member& m) {
    return m.place == place;
  });
}

const Member* payload_of(const Shape& shape) {
  const auto at = std::find_if(shape.members.begin(), shape.members.end(), [](const Member& m) {
    return m.place == Place::payload;
  });
  return at == shape.members.end() ? nullptr : &*at;
}

const doc::Node* given(const doc::Node& value, const Member& member) {
  const doc::Node* node = value.find(member.name);
  return node == nullptr || node->is_null() ? nullptr : node;
}

// Members that travel in the body when no payload member is the body.
doc::Node body_members(const Shape& shape, const doc::Node& value) {
  doc::Mapping out;
  for (const Member& member : shape.members) {
    const doc::Node* node = given(value, member);
    if (member.place == Place::body && node != nullptr) {
      out.entries.push_back({{std::string(member.name), {}}, *node});
    }
  }
  return doc::Node{std::move(out)};
}

// --- values outside the body

std::string plain_text(const Type& type, const doc::Node& value, bool http_date) {
  if (const std::string* text = value.as_string()) {
    return type.kind == Kind::blob ? util::base64(*text) : *text;
  }
  if (const doc::Sequence* items = value.as_sequence()) {
    std::vector<std::string> parts;
    for (const doc::Node& item : items->items) {
      parts.push_back(plain_text(*type.element, item, http_date));
    }
    return util::join(parts, ",");
  }
  if (type.kind == Kind::timestamp && value.as_int() != nullptr) {
    return http_date ? to_http_date(*value.as_int()) : to_iso8601(*value.as_int());
  }
  return doc::to_json(value);
}

std::optional<doc::Node> read_number(const Type& type, std::string_view text) {
  if (type.kind == Kind::integer) {
    const auto number = util::parse_int(text);
    return number ? std::optional{doc::Node{*number}} : std::nullopt;
  }
  double value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  return error == std::errc{} && end == text.data() + text.size() ? std::optional{doc::Node{value}}
                                                                  : std::nullopt;
}

std::optional<doc::Node> read_plain(const Type& type, std::string_view text) {
  switch (type.kind) {
    case Kind::boolean:
      return util::iequals(text, "true") || util::iequals(text, "false")
                 ? std::optional{doc::Node{util::iequals(text, "true")}}
                 : std::nullopt;
    case Kind::integer:
    case Kind::real: return read_number(type, text);
    case Kind::timestamp: {
      auto millis = parse_http_date(text);
      millis = millis ? millis : parse_instant(text);
      return millis ? std::optional{doc::Node{*millis}} : std::nullopt;
    }
    case Kind::list: {
      doc::Sequence out;
      for (const std::string& part : util::split(text, ',')) {
        auto item = read_plain(*type.element, util::trim(part));
        if (!item) {
          return std::nullopt;
        }
        out.items.push_back(std::move(*item));
      }
      return doc::Node{std::move(out)};
    }
    case Kind::blob: {
      auto bytes = util::from_base64(text);
      return bytes ? std::optional{doc::Node{std::move(*bytes)}} : std::nullopt;
    }
    case Kind::string:
    case Kind::structure:
    case Kind::map: break;
  }
  return doc::Node{text};
}

// A header is one line.
std::string header_text(std::string text) {
  std::replace_if(text.begin(), text.end(), [](char c) { return c == '\r' || c == '\n'; }, ' ');
  return text;
}

void write_headers(const Shape& shape, const doc::Node& value, WireMessage& out) {
  for (const Member& member : shape.members) {
    const doc::Node* node = given(value, member);
    if (node == nullptr) {
      continue;
    }
    if (member.place == Place::header) {
      out.headers.emplace_back(member.wire,
                               header_text(plain_text(*member.type, *node, member.http_date)));
    } else if (member.place == Place::header_prefix && node->as_mapping() != nullptr) {
      for (const doc::Entry& entry : node->as_mapping()->entries) {
        out.headers.emplace_back(std::string(member.wire) + header_text(entry.key.value),
                                 header_text(plain_text(*member.type->element, entry.value, true)));
      }
    }
  }
}

doc::Node prefixed_headers(const Member& member, const WireMessage& message) {
  doc::Mapping out;
  for (const auto& [name, value] : message.headers) {
    if (name.size() > member.wire.size() &&
        util::iequals(std::string_view(name).substr(0, member.wire.size()), member.wire)) {
      out.set(name.substr(member.wire.size()), doc::Node{value});
    }
  }
  return doc::Node{std::move(out)};
}

// Nothing when a value is not of its type; `out` gets the members otherwise.
bool read_headers(const Shape& shape, const WireMessage& message, doc::Mapping& out) {
  for (const Member& member : shape.members) {
    if (member.place == Place::header) {
      const std::string* text = find_header(message, member.wire);
      if (text == nullptr) {
        continue;
      }
      auto value = read_plain(*member.type, *text);
      if (!value) {
        return false;
      }
      out.set(member.name, std::move(*value));
    } else if (member.place == Place::header_prefix) {
      doc::Node entries = prefixed_headers(member, message);
      if (!entries.as_mapping()->entries.empty()) {
        out.set(member.name, std::move(entries));
      }
    }
  }
  return true;
}

// --- bodies

struct Document {
  std::string text;
  std::string_view content_type;
};

Document write_document(const Service& service,
                        const Shape& shape,
                        const doc::Node& value,
                        std::string_view root) {
  if (service.protocol == Protocol::rest_json) {
    return {doc::to_json(to_json_document(shape, value)), "application/json"};
  }
  return {encode_xml_document(shape, value, root, service.xml_namespace), "application/xml"};
}

Document write_body(const Service& service,
                    const Shape& shape,
                    const doc::Node& value,
                    std::string_view root) {
  if (const Member* payload = payload_of(shape)) {
    const doc::Node* node = given(value, *payload);
    if (node == nullptr) {
      return {};
    }
    if (payload->type->kind == Kind::structure) {
      return write_document(service, payload->type->shape(), *node, payload->wire);
    }
    return {node->as_string() != nullptr ? *node->as_string() : std::string{},
            payload->type->kind == Kind::blob ? "binary/octet-stream" : ""};
  }
  if (!has_place(shape, Place::body)) {
    return {};
  }
  return write_document(service, shape, body_members(shape, value), root);
}

std::optional<doc::Node> read_document(const Service& service,
                                       const Shape& shape,
                                       std::string_view body) {
  if (service.protocol == Protocol::rest_xml) {
    return read_xml_document(shape, body);
  }
  auto json = read_json_body(shape, body);
  return json ? std::optional{std::move(*json)} : std::nullopt;
}

bool read_body(const Service& service,
               const Shape& shape,
               std::string_view body,
               doc::Mapping& out) {
  if (const Member* payload = payload_of(shape)) {
    const Kind kind = payload->type->kind;
    if (kind == Kind::blob || (kind == Kind::string && !body.empty())) {
      out.set(payload->name, doc::Node{body});
    } else if (kind == Kind::structure && !body.empty()) {
      auto value = read_document(service, payload->type->shape(), body);
      if (!value) {
        return false;
      }
      out.set(payload->name, std::move(*value));
    }
    return true;
  }
  if (!has_place(shape, Place::body) || body.empty()) {
    return true;
  }
  auto members = read_document(service, shape, body);
  if (!members || members->as_mapping() == nullptr) {
    return false;
  }
  for (doc::Entry& entry : members->as_mapping()->entries) {
    const Member* member = shape.find(entry.key.value);
    if (member != nullptr && member->place == Place::body) {
      out.set(entry.key.value, std::move(entry.value));
    }
  }
  return true;
}

// The members of a document in the model's order, whatever part of the message held them.
doc::Node in_model_order(const Shape& shape, doc::Mapping&& found) {
  doc::Mapping out;
  for (const Member& member : shape.members) {
    if (doc::Node* node = found.find(member.name)) {
      out.entries.push_back({{std::string(member.name), {}}, std::move(*node)});
    }
  }
  return doc::Node{std::move(out)};
}

// --- paths

// "/{Bucket}/{Key+}?tagging" of an operation, filled in.
std::string write_path(const Operation& operation, const doc::Node& input) {
  std::string out;
  std::string_view rest = operation.http_path.substr(0, operation.http_path.find('?'));
  while (!rest.empty()) {
    const std::size_t open = rest.find('{');
    out += rest.substr(0, open);
    if (open == std::string_view::npos) {
      break;
    }
    const std::size_t close = rest.find('}', open);
    std::string_view name = rest.substr(open + 1, close - open - 1);
    const bool greedy = name.ends_with('+');
    name.remove_suffix(greedy ? 1 : 0);
    for (const Member& member : operation.input->members) {
      const doc::Node* node = given(input, member);
      if (member.place == Place::path && member.wire == name && node != nullptr) {
        out += util::uri_encode(plain_text(*member.type, *node, false), greedy ? "/" : "");
      }
    }
    rest.remove_prefix(close + 1);
  }
  return out;
}

std::string write_query(const Operation& operation, const doc::Node& input) {
  const std::size_t question = operation.http_path.find('?');
  std::string out(question == std::string_view::npos ? std::string_view{}
                                                     : operation.http_path.substr(question + 1));
  const auto add = [&](std::string_view name, const std::string& text) {
    out += (out.empty() ? "" : "&") + util::uri_encode(name) + "=" + util::uri_encode(text);
  };
  for (const Member& member : operation.input->members) {
    const doc::Node* node = given(input, member);
    if (member.place != Place::query || node == nullptr) {
      continue;
    }
    if (const doc::Sequence* items = node->as_sequence()) {
      for (const doc::Node& item : items->items) {
        add(member.wire, plain_text(*member.type->element, item, false));
      }
    } else {
      add(member.wire, plain_text(*member.type, *node, member.http_date));
    }
  }
  return out;
}

struct Target {
  std::string path;  // not decoded; virtual-hosted buckets are in front
  Parameters query;
};

// "my-bucket.localhost:4566" or "my-bucket.s3.localhost": the bucket is the host's first part.
std::string bucket_of_host(const WireMessage& request) {
  const std::string* header = find_header(request, "Host");
  std::string host =
      header == nullptr ? std::string{} : util::to_lower(header->substr(0, header->find(':')));
  constexpr std::string_view kLocal = ".localhost";
  if (!host.ends_with(kLocal)) {
    return {};
  }
  host.resize(host.size() - kLocal.size());
  if (host == "s3") {
    return {};
  }
  const std::size_t service = host.rfind(".s3");
  return service != std::string::npos && service + 3 == host.size() ? host.substr(0, service)
                                                                    : host;
}

Target target_of(const WireMessage& request, const Service& service) {
  const std::size_t question = request.path.find('?');
  Target out;
  out.path = request.path.substr(0, question);
  if (question != std::string::npos) {
    out.query = parse_form(std::string_view(request.path).substr(question + 1));
  }
  const std::string bucket =
      service.protocol == Protocol::rest_xml ? bucket_of_host(request) : std::string{};
  if (!bucket.empty()) {
    out.path.insert(0, "/" + bucket);
  }
  return out;
}

const std::string* query_value(const Parameters& query, std::string_view name) {
  const auto at = std::ranges::find(query, name, &std::pair<std::string, std::string>::first);
  return at == query.end() ? nullptr : &at->second;
}

// The labels of a path that fits the template; nothing when it does not.
std::optional<Parameters> match_path(std::string_view pattern, std::string_view path) {
  Parameters labels;
  while (!pattern.empty()) {
    if (pattern.front() != '{') {
      if (path.empty() || path.front() != pattern.front()) {
        return std::nullopt;
      }
      pattern.remove_prefix(1);
      path.remove_prefix(1);
      continue;
    }
    const std::size_t close = pattern.find('}');
    std::string_view name = pattern.substr(1, close - 1);
    const bool greedy = name.ends_with('+');
    name.remove_suffix(greedy ? 1 : 0);
    const std::string_view value = greedy ? path : path.substr(0, path.find('/'));
    if (value.empty()) {
      return std::nullopt;
    }
    labels.emplace_back(name, util::uri_decode(value));
    path.remove_prefix(value.size());
    pattern.remove_prefix(close + 1);
  }
  return path.empty() || path == "/" ? std::optional{std::move(labels)} : std::nullopt;
}

// How well a request fits an operation's route: 0 not at all, more for each fixed part.
int route_score(const Operation& operation, const WireMessage& request, const Target& target) {
  if (operation.http_method != request.method) {
    return 0;
  }
  const std::size_t question = operation.http_path.find('?');
  const std::string_view path = operation.http_path.substr(0, question);
  if (!match_path(path, target.path)) {
    return 0;
  }
  int score = 1;
  for (const std::string& segment : util::split(path, '/')) {
    score += !segment.empty() && segment.front() != '{' ? 10 : 0;
  }
  if (question != std::string_view::npos) {
    for (const auto& [name, value] : parse_form(operation.http_path.substr(question + 1))) {
      const std::string* sent = query_value(target.query, name);
      if (sent == nullptr || (!value.empty() && *sent != value)) {
        return 0;
      }
      score += 1;
    }
  }
  return score;
}

// "…Credential=AKID/20261123/us-east-1/s3/aws4_request…" -> "s3"; empty when not signed.
std::string signing_name_of(const WireMessage& request) {
  const std::string* header = find_header(request, "Authorization");
  std::string text = header == nullptr ? std::string{} : *header;
  if (text.empty()) {
    const std::size_t question = request.path.find('?');
    const Parameters query = parse_form(
        question == std::string::npos ? "" : std::string_view(request.path).substr(question + 1));
    const std::string* credential = query_value(query, "X-Amz-Credential");
    text = credential == nullptr ? std::string{} : "Credential=" + *credential;
  }
  const std::size_t start = text.find("Credential=");
  if (start == std::string::npos) {
    return {};
  }
  const std::string scope = text.substr(start, text.find_first_of(", ", start) - start);
  const std::vector<std::string> parts = util::split(scope, '/');
  return parts.size() >= 5 ? parts[parts.size() - 2] : std::string{};
}

WireError not_implemented(const Service& service, std::string what) {
  if (service.protocol == Protocol::rest_json) {
    return {"UnknownOperationException", std::move(what), 404, {}};
  }
  return {"NotImplemented", std::move(what), 501, {}};
}

// A parameter that the operation does not know makes it another operation ("?acl", "?uploadId=").
std::optional<WireError> foreign_parts(const Operation& operation,
                                       const WireMessage& request,
                                       const Target& target) {
  const std::size_t question = operation.http_path.find('?');
  const Parameters fixed = parse_form(
      question == std::string_view::npos ? "" : operation.http_path.substr(question + 1));
  for (const auto& [name, value] : target.query) {
    const std::string_view wanted = name;
    const bool known = wanted == "x-id" || wanted.starts_with("X-Amz-") ||
                       query_value(fixed, name) != nullptr ||
                       std::ranges::any_of(operation.input->members, [&](const Member& m) {
                         return m.place == Place::query && m.wire == wanted;
                       });
    if (!known) {
      return not_implemented(
          operation.service(),
          "The query parameter " + name + " implies functionality that is not implemented");
    }
  }
  if (find_header(request, "x-amz-copy-source") != nullptr) {
    return not_implemented(
        operation.service(),
        "The header x-amz-copy-source implies functionality that is not implemented");
  }
  return std::nullopt;
}

// The body of an upload with "aws-chunked" framing (hexadecimal size, extensions, CRLF, data,
// CRLF; a chunk of size 0 and trailers end it). Nothing when the framing is broken.
std::optional<std::string> unchunked(std::string_view body) {
  std::string out;
  for (;;) {
    const std::size_t line = body.find("\r\n");
    if (line == std::string_view::npos) {
      return std::nullopt;
    }
    std::size_t size = 0;
    const std::string_view digits = body.substr(0, std::min(line, body.find(';')));
    const auto read = std::from_chars(digits.data(), digits.data() + digits.size(), size, 16);
    if (read.ec != std::errc{} || read.ptr != digits.data() + digits.size()) {
      return std::nullopt;
    }
    body.remove_prefix(line + 2);
    if (size == 0) {
      return out;
    }
    if (body.size() < 2 || size > body.size() - 2) {
      return std::nullopt;
    }
    out += body.substr(0, size);
    body.remove_prefix(size + 2);
  }
}

bool is_chunked(const WireMessage& request) {
  const std::string* hash = find_header(request, "x-amz-content-sha256");
  return hash != nullptr && hash->starts_with("STREAMING-");
}

util::Result<doc::Node, WireError> malformed_rest(std::string code, std::string message) {
  return util::unexpected(WireError{std::move(code), std::move(message), 400, {}});
}

}  // namespace

WireMessage encode_rest_request(const Operation& operation, const doc::Node& input) {
  const Service& service = operation.service();
  WireMessage out;
  out.method = operation.http_method;
  out.path = write_path(operation, input);
  if (const std::string query = write_query(operation, input); !query.empty()) {
    out.path += "?" + query;
  }
  write_headers(*operation.input, input, out);
  const std::string root = std::string(operation.name) + "Request";
  Document body = write_body(service, *operation.input, input, root);
  if (!body.content_type.empty() && find_header(out, "Content-Type") == nullptr) {
    out.headers.emplace_back("Content-Type", body.content_type);
  }
  out.body = std::move(body.text);
  if (operation.checksum && find_header(out, "x-amz-checksum-sha256") == nullptr) {
    const util::Sha256Digest digest = util::sha256(out.body);
    if (find_header(out, "x-amz-sdk-checksum-algorithm") == nullptr) {
      out.headers.emplace_back("x-amz-sdk-checksum-algorithm", "SHA256");
    }
    out.headers.emplace_back("x-amz-checksum-sha256", util::base64(util::as_bytes(digest)));
  }
  return out;
}

WireMessage encode_rest_response(const Operation& operation, const doc::Node& output) {
  WireMessage out;
  out.status = operation.http_status;
  write_headers(*operation.output, output, out);
  const std::string root = operation.xml_root.empty() ? std::string(operation.name) + "Result"
                                                      : std::string(operation.xml_root);
  Document body = write_body(operation.service(), *operation.output, output, root);
  if (!body.content_type.empty() && find_header(out, "Content-Type") == nullptr) {
    out.headers.emplace_back("Content-Type", body.content_type);
  }
  out.body = std::move(body.text);
  return out;
}

std::optional<doc::Node> read_rest_response(const Operation& operation,
                                            const WireMessage& response) {
  doc::Mapping out;
  if (!read_headers(*operation.output, response, out) ||
      !read_body(operation.service(), *operation.output, response.body, out)) {
    return std::nullopt;
  }
  return in_model_order(*operation.output, std::move(out));
}

util::Result<doc::Node, WireError> read_rest_request(const Operation& operation,
                                                     const WireMessage& request) {
  const Target target = target_of(request, operation.service());
  if (auto error = foreign_parts(operation, request, target)) {
    return util::unexpected(std::move(*error));
  }
  const std::string_view pattern = operation.http_path.substr(0, operation.http_path.find('?'));
  const Parameters labels = match_path(pattern, target.path).value_or(Parameters{});
  doc::Mapping out;
  for (const Member& member : operation.input->members) {
    const bool in_path = member.place == Place::path;
    if (!in_path && member.place != Place::query) {
      continue;
    }
    const std::string* text = query_value(in_path ? labels : target.query, member.wire);
    if (text == nullptr) {
      continue;
    }
    auto value = read_plain(*member.type, *text);
    if (!value) {
      return malformed_rest(
          "InvalidArgument",
          "The value of " + std::string(member.wire) + " is not what the operation expects");
    }
    out.set(member.name, std::move(*value));
  }
  if (!read_headers(*operation.input, request, out)) {
    return malformed_rest("InvalidArgument", "The value of a header is not what it should be");
  }
  const bool chunked = is_chunked(request);
  const auto whole = chunked ? unchunked(request.body) : std::optional<std::string>{};
  if (chunked && !whole) {
    return malformed_rest("IncompleteBody", "The body's chunks are incomplete");
  }
  const std::string_view body = chunked ? *whole : request.body;
  if (!read_body(operation.service(), *operation.input, body, out)) {
    return operation.service().protocol == Protocol::rest_xml
               ? malformed_rest("MalformedXML",
                                "The XML you provided was not well-formed or did not validate "
                                "against our published schema")
               : malformed_rest("SerializationException", "could not read the JSON body");
  }
  return in_model_order(*operation.input, std::move(out));
}

const Service* rest_service_of(const WireMessage& request) {
  const std::string name = signing_name_of(request);
  for (const Service* service : all_services()) {
    if (is_rest(service->protocol) && service->signing_name == name) {
      return service;
    }
  }
  return nullptr;
}

util::Result<const Operation*, WireError> route_rest_request(const WireMessage& request) {
  const std::string name = signing_name_of(request);
  const Operation* best = nullptr;
  int best_score = 0;
  for (const Service* service : all_services()) {
    if (!is_rest(service->protocol) || (!name.empty() && service->signing_name != name)) {
      continue;
    }
    const Target target = target_of(request, *service);
    for (const Operation& operation : service->operations) {
      const int score = route_score(operation, request, target);
      if (score > best_score) {
        best = &operation;
        best_score = score;
      }
    }
  }
  if (best != nullptr) {
    return best;
  }
  const std::string what = request.method + " " + request.path.substr(0, request.path.find('?'));
  if (const Service* service = rest_service_of(request)) {
    return util::unexpected(not_implemented(*service, "No operation answers " + what));
  }
  return util::unexpected(
      WireError{"UnknownOperationException", "No operation answers " + what, 404, {}});
}

}  // namespace awsapi
