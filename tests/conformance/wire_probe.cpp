// Reads one JSON command a line and writes one JSON answer a line: the wire codecs, signer and
// endpoint rules for comparison with another implementation (wire_oracle.py).
#include <cstdio>
#include <iostream>
#include <string>

#include "aws/endpoint.hpp"
#include "aws/signer.hpp"
#include "awsapi/protocol.hpp"
#include "awsapi/shape.hpp"
#include "awsapi/time_text.hpp"
#include "doc/json_reader.hpp"
#include "doc/json_writer.hpp"

namespace {

std::string text(const doc::Node& command, std::string_view name) {
  const doc::Node* value = command.find(name);
  return value != nullptr && value->as_string() != nullptr ? *value->as_string() : std::string{};
}

bool flag(const doc::Node& command, std::string_view name) {
  const doc::Node* value = command.find(name);
  return value != nullptr && value->as_bool() != nullptr && *value->as_bool();
}

const awsapi::Operation* operation_of(const doc::Node& command) {
  for (const awsapi::Service* service : awsapi::all_services()) {
    if (service->name == text(command, "service")) {
      return service->find(text(command, "operation"));
    }
  }
  return nullptr;
}

awsapi::WireMessage message_of(const doc::Node& command) {
  awsapi::WireMessage message;
  const doc::Node* status = command.find("status");
  message.status = status != nullptr ? static_cast<int>(*status->as_int()) : 200;
  message.path = text(command, "path");
  message.method = text(command, "method");
  message.body = text(command, "body");
  for (const doc::Entry& header : command.find("headers")->as_mapping()->entries) {
    message.headers.emplace_back(header.key.value, *header.value.as_string());
  }
  return message;
}

doc::Node to_node(const awsapi::WireMessage& message) {
  doc::Mapping headers;
  for (const auto& [name, value] : message.headers) {
    headers.set(name, doc::Node{value});
  }
  return doc::map({{"status", doc::Node{message.status}},
                   {"method", doc::Node{message.method}},
                   {"path", doc::Node{message.path}},
                   {"headers", doc::Node{std::move(headers)}},
                   {"body", doc::Node{message.body}}});
}

doc::Node to_node(const awsapi::WireError& error) {
  return doc::map({{"code", doc::Node{error.code}},
                   {"message", doc::Node{error.message}},
                   {"request_id", doc::Node{error.request_id}}});
}

doc::Node list_operations() {
  doc::Sequence out;
  for (const awsapi::Service* service : awsapi::all_services()) {
    for (const awsapi::Operation& operation : service->operations) {
      out.items.push_back(doc::list({doc::Node{service->name}, doc::Node{operation.name}}));
    }
  }
  return doc::Node{std::move(out)};
}

doc::Node decode_request(const doc::Node& command) {
  const auto call = awsapi::decode_request(message_of(command));
  if (!call) {
    return doc::map({{"error", to_node(call.error())}});
  }
  return doc::map({{"service", doc::Node{call->operation->service().name}},
                   {"operation", doc::Node{call->operation->name}},
                   {"input", call->input}});
}

doc::Node decode_response(const doc::Node& command) {
  const auto output = awsapi::decode_response(*operation_of(command), message_of(command));
  return output ? doc::map({{"output", *output}}) : doc::map({{"error", to_node(output.error())}});
}

doc::Node sign_request(const doc::Node& command) {
  net::HttpRequest request;
  request.method = text(command, "method");
  request.url = text(command, "url");
  request.body = text(command, "body");
  for (const doc::Node& pair : command.find("headers")->as_sequence()->items) {
    const doc::Sequence& both = *pair.as_sequence();
    request.headers.push_back({*both.items[0].as_string(), *both.items[1].as_string()});
  }
  const aws::Credentials credentials{text(command, "key"),
                                     aws::Secret{text(command, "secret")},
                                     aws::Secret{text(command, "token")},
                                     {},
                                     {}};
  const auto now = awsapi::parse_instant(text(command, "date"));
  aws::sign(request,
            credentials,
            {text(command, "region"), text(command, "service")},
            util::Clock::TimePoint{std::chrono::milliseconds{*now}},
            {.s3 = flag(command, "s3"), .unsigned_payload = flag(command, "unsigned_payload")});
  return doc::map(
      {{"authorization", doc::Node{*net::find_header(request.headers, "Authorization")}}});
}

doc::Node endpoint(const doc::Node& command) {
  aws::EndpointOptions options;
  options.fips = flag(command, "fips");
  options.dual_stack = flag(command, "dual_stack");
  for (const awsapi::Service* service : awsapi::all_services()) {
    if (service->name == text(command, "service")) {
      const auto found = aws::resolve_endpoint(
          service->name, service->endpoint_prefix, text(command, "region"), options);
      return found ? doc::map({{"url", doc::Node{found->url}},
                               {"signing_region", doc::Node{found->signing_region}}})
                   : doc::map({{"error", doc::Node{found.error()}}});
    }
  }
  return {};
}

doc::Node answer(const doc::Node& command) {
  const std::string what = text(command, "do");
  if (what == "operations") {
    return list_operations();
  }
  if (what == "decode_request") {
    return decode_request(command);
  }
  if (what == "decode_response") {
    return decode_response(command);
  }
  if (what == "encode_request") {
    return to_node(awsapi::encode_request(*operation_of(command), *command.find("input")));
  }
  if (what == "encode_response") {
    return to_node(awsapi::encode_response(
        *operation_of(command), *command.find("output"), text(command, "request_id")));
  }
  if (what == "encode_error") {
    return to_node(awsapi::encode_error(
        &operation_of(command)->service(),
        {text(command, "code"), text(command, "message"), 400, text(command, "request_id")}));
  }
  return what == "sign" ? sign_request(command) : endpoint(command);
}

}  // namespace

int main() {
  std::string line;
  while (std::getline(std::cin, line)) {
    const auto command = doc::read_json(line);
    if (!command) {
      std::fprintf(stderr, "not JSON: %s\n", line.c_str());
      return 1;
    }
    std::cout << doc::to_json(answer(*command)) << std::endl;
  }
}
