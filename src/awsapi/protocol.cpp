#include "awsapi/protocol.hpp"

#include <algorithm>
#include <array>

#include "awsapi/protocol_codecs.hpp"
#include "awsapi/validate.hpp"
#include "doc/json_writer.hpp"
#include "util/strings.hpp"

namespace awsapi {
namespace {

constexpr std::string_view kFormType = "application/x-www-form-urlencoded; charset=utf-8";
constexpr std::string_view kJsonType = "application/x-amz-json-1.1";
constexpr std::string_view kXmlType = "text/xml;charset=UTF-8";

// "com.amazonaws.ecs#ClusterNotFoundException:http://…" -> "ClusterNotFoundException"
std::string bare_code(std::string_view code) {
  code = code.substr(0, code.find(':'));
  const std::size_t hash = code.find('#');
  return std::string(hash == std::string_view::npos ? code : code.substr(hash + 1));
}

std::string header_or_empty(const WireMessage& message, std::string_view name) {
  const std::string* value = find_header(message, name);
  return value == nullptr ? std::string{} : *value;
}

std::string request_id_header(const Service& service) {
  return service.protocol == Protocol::rest_xml ? "x-amz-request-id" : "x-amzn-RequestId";
}

std::string request_id_of(const WireMessage& response) {
  const std::string id = header_or_empty(response, "x-amzn-RequestId");
  return id.empty() ? header_or_empty(response, "x-amz-request-id") : id;
}

// One line of what somebody else's page says: its title, or its beginning without markup.
std::string page_summary(std::string_view body) {
  constexpr std::size_t kSummary = 160;
  const std::size_t title = util::to_lower(body.substr(0, 4096)).find("<title>");
  if (title != std::string::npos) {
    const std::string_view rest = body.substr(title + 7);
    return std::string(util::trim(rest.substr(0, std::min(rest.find('<'), kSummary))));
  }
  std::string out;
  bool in_tag = false;
  for (const char c : body.substr(0, 2048)) {
    in_tag = c == '<' || (in_tag && c != '>');
    const bool space = static_cast<unsigned char>(c) <= ' ' || c == '>';
    if (!in_tag && out.size() < kSummary && !(space && (out.empty() || out.back() == ' '))) {
      out += space ? ' ' : c;
    }
  }
  return std::string(util::trim(out));
}

WireError unreadable(const WireMessage& response) {
  WireError error{"UnreadableResponse", {}, response.status, request_id_of(response)};
  const std::string location = header_or_empty(response, "Location");
  if (response.status >= 300 && response.status < 400 && !location.empty()) {
    error.message = "the endpoint redirects (HTTP " + std::to_string(response.status) + ") to " +
                    location + ", which is not followed";
    return error;
  }
  error.message = "HTTP " + std::to_string(response.status) + " is not an answer of an AWS service";
  const std::string type = header_or_empty(response, "Content-Type");
  if (!type.empty()) {
    error.message += " (" + type + ")";
  }
  // Never a piece of a damaged success: it may hold credentials or a secret's value.
  const bool quotable =
      response.status >= 300 || util::to_lower(type).find("html") != std::string::npos;
  const std::string summary =
      quotable ? page_summary(response.body) : "the body is cut off or ill-formed";
  error.message += response.body.empty() ? ": the body is empty"
                   : summary.empty()     ? ""
                                         : ": " + summary;
  return error;
}

bool speaks_json(const Service& service) {
  return service.protocol == Protocol::json || service.protocol == Protocol::rest_json;
}

// An answer to HEAD has no body to say what went wrong.
std::optional<WireError> bodiless_error(const Operation& operation, const WireMessage& response) {
  if (operation.http_method != "HEAD") {
    return std::nullopt;
  }
  constexpr std::array<std::pair<int, std::string_view>, 5> kCodes{{{301, "PermanentRedirect"},
                                                                    {400, "BadRequest"},
                                                                    {403, "AccessDenied"},
                                                                    {404, "NotFound"},
                                                                    {412, "PreconditionFailed"}}};
  const auto* at =
      std::ranges::find(kCodes, response.status, &std::pair<int, std::string_view>::first);
  if (at == kCodes.end()) {
    return std::nullopt;
  }
  return WireError{std::string(at->second),
                   "HTTP " + std::to_string(response.status),
                   response.status,
                   request_id_of(response)};
}

WireError read_error(const Operation& operation, const WireMessage& response) {
  if (auto error = bodiless_error(operation, response)) {
    return std::move(*error);
  }
  const bool json = speaks_json(operation.service());
  // A gateway in front of the service may answer in the other format.
  auto error = json ? read_json_error(response.body) : read_xml_error(response.body);
  if (!error) {
    error = json ? read_xml_error(response.body) : read_json_error(response.body);
  }
  const std::string code = header_or_empty(response, "x-amzn-ErrorType");
  if (!error && !code.empty()) {
    error.emplace();
  }
  if (!error) {
    return unreadable(response);
  }
  error->code = bare_code(code.empty() ? error->code : code);
  if (error->code.empty()) {
    if (error->message.empty()) {
      return unreadable(response);
    }
    error->code = "UnknownError";
  }
  error->http_status = response.status;
  error->request_id = error->request_id.empty() ? request_id_of(response) : error->request_id;
  return *error;
}

// Server side.

const Service* service_of_target(std::string_view target) {
  const std::string_view prefix = target.substr(0, target.rfind('.'));
  for (const Service* service : all_services()) {
    if (service->protocol == Protocol::json && service->json_target == prefix) {
      return service;
    }
  }
  return nullptr;
}

// Parameters of the body, then of the query string (what the body says wins: it comes first).
Parameters form_of(const WireMessage& request) {
  Parameters out = parse_form(request.body);
  const std::size_t question = request.path.find('?');
  if (question != std::string::npos) {
    const Parameters more = parse_form(std::string_view(request.path).substr(question + 1));
    out.insert(out.end(), more.begin(), more.end());
  }
  return out;
}

std::string_view parameter(const Parameters& form, std::string_view name) {
  const auto at =
      std::find_if(form.begin(), form.end(), [&](const auto& p) { return p.first == name; });
  return at == form.end() ? std::string_view{} : std::string_view(at->second);
}

// By version; a client that sends none, or another one, gets the only service that has the action.
const Service* service_of_form(const Parameters& form) {
  const std::string_view action = parameter(form, "Action");
  const std::string_view version = parameter(form, "Version");
  const Service* by_action = nullptr;
  std::size_t candidates = 0;
  for (const Service* service : all_services()) {
    if (service->protocol != Protocol::query && service->protocol != Protocol::ec2) {
      continue;
    }
    if (!version.empty() && service->version == version) {
      return service;
    }
    if (service->find(action) != nullptr) {
      by_action = service;
      ++candidates;
    }
  }
  return candidates == 1 ? by_action : nullptr;
}

util::Result<Call, WireError> decode_json_request(const WireMessage& request,
                                                  std::string_view target) {
  const Service* service = service_of_target(target);
  const std::size_t dot = target.rfind('.');
  const std::string_view name = dot == std::string_view::npos ? target : target.substr(dot + 1);
  const Operation* operation = service == nullptr ? nullptr : service->find(name);
  if (operation == nullptr) {
    return util::unexpected(WireError{"UnknownOperationException",
                                      "The operation " + std::string(target) + " is not known",
                                      400,
                                      {}});
  }
  auto input = read_json_body(*operation->input, request.body);
  if (!input) {
    return util::unexpected(std::move(input.error()));
  }
  return Call{operation, std::move(*input)};
}

util::Result<Call, WireError> decode_form_request(const WireMessage& request) {
  const Parameters form = form_of(request);
  const std::string_view action = parameter(form, "Action");
  if (action.empty()) {
    return util::unexpected(
        WireError{"MissingAction", "The request must contain the parameter Action", 400, {}});
  }
  const Service* service = service_of_form(form);
  const Operation* operation = service == nullptr ? nullptr : service->find(action);
  if (operation == nullptr) {
    const bool ec2 = service != nullptr && service->protocol == Protocol::ec2;
    return util::unexpected(
        WireError{"InvalidAction",
                  ec2 ? "The action " + std::string(action) + " is not valid for this web service."
                      : "Could not find operation " + std::string(action) + " for version " +
                            std::string(parameter(form, "Version")),
                  400,
                  {}});
  }
  auto input = read_form(*operation, form);
  if (!input) {
    return util::unexpected(std::move(input.error()));
  }
  return Call{operation, std::move(*input)};
}

// A form is posted to "/", or its Action stands in the query string.
bool is_form(const WireMessage& request) {
  const std::string_view path = std::string_view(request.path).substr(0, request.path.find('?'));
  return (request.method == "POST" && (path == "/" || path.empty())) ||
         request.path.find("Action=") != std::string::npos;
}

util::Result<Call, WireError> decode_rest_request(const WireMessage& request) {
  const auto operation = route_rest_request(request);
  if (!operation) {
    return util::unexpected(operation.error());
  }
  auto input = read_rest_request(**operation, request);
  if (!input) {
    return util::unexpected(std::move(input.error()));
  }
  return Call{*operation, std::move(*input)};
}

const ErrorShape* find_error(const Service& service, std::string_view code) {
  const auto at =
      std::find_if(service.errors.begin(), service.errors.end(), [&](const ErrorShape& e) {
        return e.code == code || e.name == code;
      });
  return at == service.errors.end() ? nullptr : &*at;
}

}  // namespace

const std::string* find_header(const WireMessage& message, std::string_view name) {
  for (const auto& [key, value] : message.headers) {
    if (util::iequals(key, name)) {
      return &value;
    }
  }
  return nullptr;
}

WireMessage encode_request(const Operation& operation, const doc::Node& input) {
  const Service& service = operation.service();
  if (is_rest(service.protocol)) {
    return encode_rest_request(operation, input);
  }
  WireMessage out;
  if (service.protocol == Protocol::json) {
    out.headers = {
        {"Content-Type", std::string(kJsonType)},
        {"X-Amz-Target", std::string(service.json_target) + "." + std::string(operation.name)}};
    out.body = doc::to_json(to_json_document(*operation.input, input));
  } else {
    out.headers = {{"Content-Type", std::string(kFormType)}};
    out.body = encode_form(operation, input);
  }
  return out;
}

util::Result<doc::Node, WireError> decode_response(const Operation& operation,
                                                   const WireMessage& response) {
  if (response.status < 200 || response.status >= 300) {
    return util::unexpected(read_error(operation, response));
  }
  if (operation.service().protocol == Protocol::json) {
    if (response.body.empty() && operation.has_output) {
      return util::unexpected(unreadable(response));
    }
    auto output = read_json_body(*operation.output, response.body);
    return output ? std::move(output) : util::unexpected(unreadable(response));
  }
  auto output = is_rest(operation.service().protocol) ? read_rest_response(operation, response)
                                                      : read_xml(operation, response.body);
  if (output) {
    return std::move(*output);
  }
  return util::unexpected(unreadable(response));
}

const Service* service_of(const WireMessage& request) {
  if (const std::string* target = find_header(request, "X-Amz-Target")) {
    return service_of_target(*target);
  }
  return is_form(request) ? service_of_form(form_of(request)) : rest_service_of(request);
}

util::Result<Call, WireError> decode_request(const WireMessage& request) {
  const std::string* target = find_header(request, "X-Amz-Target");
  auto call = target != nullptr  ? decode_json_request(request, *target)
              : is_form(request) ? decode_form_request(request)
                                 : decode_rest_request(request);
  if (call) {
    if (auto error = validate(*call->operation, call->input)) {
      return util::unexpected(std::move(*error));
    }
  }
  return call;
}

WireMessage encode_response(const Operation& operation,
                            const doc::Node& output,
                            std::string_view request_id) {
  if (is_rest(operation.service().protocol)) {
    WireMessage rest = encode_rest_response(operation, output);
    rest.headers.emplace_back(request_id_header(operation.service()), request_id);
    return rest;
  }
  WireMessage out;
  const bool json = operation.service().protocol == Protocol::json;
  out.headers = {{"Content-Type", std::string(json ? kJsonType : kXmlType)},
                 {"x-amzn-RequestId", std::string(request_id)}};
  if (json) {
    out.body =
        operation.has_output ? doc::to_json(to_json_document(*operation.output, output)) : "";
  } else {
    out.body = encode_xml(operation, output, request_id);
  }
  return out;
}

WireMessage encode_error(const Service* service, const WireError& error) {
  WireError known = error;
  const ErrorShape* shape = service == nullptr ? nullptr : find_error(*service, error.code);
  if (shape != nullptr) {
    known.code = shape->code;
    known.http_status = shape->http_status;
  }
  WireMessage out;
  if (service == nullptr || speaks_json(*service)) {
    out = encode_json_error(known);
  } else {
    out.status = known.http_status;
    out.headers = {{"Content-Type", std::string(kXmlType)}};
    out.body = encode_xml_error(*service, known);
  }
  out.headers.emplace_back(service == nullptr ? "x-amzn-RequestId" : request_id_header(*service),
                           known.request_id);
  return out;
}

}  // namespace awsapi
