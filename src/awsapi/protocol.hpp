#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "awsapi/shape.hpp"
#include "doc/node.hpp"
#include "util/result.hpp"

namespace awsapi {

// AWS's wire protocols (json 1.0/1.1, query, ec2, rest-xml, rest-json) for both ends. Documents
// hold the model's member names whatever the protocol; a timestamp is an integer of milliseconds
// since the epoch, a blob its raw bytes.

// One HTTP message without its transport. `path` may carry a query string.
struct WireMessage {
  int status = 200;
  std::string path = "/";
  std::vector<std::pair<std::string, std::string>> headers;
  std::string body;
  std::string method = "POST";  // requests; only the REST protocols use others
};

struct WireError {
  std::string code;  // "ValidationError"; never with a namespace or URL around it
  std::string message;
  int http_status = 400;
  std::string request_id;
};

// Client. Members that the shape does not know are left out.
WireMessage encode_request(const Operation& operation, const doc::Node& input);

// Client: the output document, or what the service (or something between: a proxy's HTML page, a
// truncated body) said. An answer that is not in the protocol at all has the code
// "UnreadableResponse".
util::Result<doc::Node, WireError> decode_response(const Operation& operation,
                                                   const WireMessage& response);

struct Call {
  const Operation* operation = nullptr;
  doc::Node input;
};

// Server: finds service and operation (X-Amz-Target, or Action and Version in body or query
// string, or method and path for the service that the request is signed for), decodes and
// validates (awsapi/validate.hpp).
util::Result<Call, WireError> decode_request(const WireMessage& request);

// Server: for encoding the error of a request that decode_request refused. Null when not even the
// service is known.
const Service* service_of(const WireMessage& request);

WireMessage encode_response(const Operation& operation,
                            const doc::Node& output,
                            std::string_view request_id);

// The status is the service model's for a known code, else error.http_status. Null service: an
// answer any client reads.
WireMessage encode_error(const Service* service, const WireError& error);

}  // namespace awsapi
