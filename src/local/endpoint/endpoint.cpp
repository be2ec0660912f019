#include "local/endpoint/endpoint.hpp"

#include <array>
#include <memory>

#include <sys/random.h>

#include "awsapi/protocol.hpp"
#include "doc/json_writer.hpp"
#include "net/socket.hpp"
#include "net/url.hpp"
#include "util/hash.hpp"
#include "util/strings.hpp"

namespace local {

namespace {

constexpr std::size_t kLargestRequest =
    4 * 1024 * 1024;  // AWS's largest here is a template body of 1 MB by S3

net::HttpResponse to_http(awsapi::WireMessage message,
                          const std::string& request_id,
                          bool to_head = false) {
  net::HttpResponse response;
  response.status = message.status;
  bool has_id = false;
  for (auto& [name, value] : message.headers) {
    if (util::iequals(name, "content-length") && !to_head) {
      continue;
    }
    has_id = has_id || util::iequals(name, "x-amzn-requestid");
    response.headers.push_back({std::move(name), std::move(value)});
  }
  if (!has_id) {
    response.headers.push_back({"x-amzn-RequestId", request_id});
  }
  response.body = std::move(message.body);
  return response;
}

awsapi::WireMessage to_wire(const net::HttpRequest& request) {
  awsapi::WireMessage message;
  message.method = request.method;
  message.path = request.url;
  message.body = request.body;
  message.headers.reserve(request.headers.size());
  for (const net::Header& header : request.headers) {
    message.headers.emplace_back(header.name, header.value);
  }
  return message;
}

net::HttpResponse refusal(int status, std::string_view message) {
  const doc::Node body = doc::map({{"message", doc::Node(message)}});
  return {status, {{"Content-Type", "application/json"}}, doc::to_json(body)};
}

// A browser says who it acts for; AWS clients never send these.
bool is_from_a_web_page(const net::HttpRequest& request) {
  const auto site = net::find_header(request.headers, "sec-fetch-site");
  return net::find_header(request.headers, "origin") ||
         (site && *site != "none" && *site != "same-origin");
}

// By an AWS client (header or query string); the REST services use every method and path.
bool is_signed(const net::HttpRequest& request) {
  const auto authorization = net::find_header(request.headers, "authorization");
  return (authorization && authorization->starts_with("AWS4-HMAC-SHA256")) ||
         request.url.find("X-Amz-Signature=") != std::string::npos;
}

}  // namespace

bool names_loopback(std::string_view host_header) {
  const auto parsed = net::parse_host_port(host_header);
  if (!parsed) {
    return false;
  }
  const std::string host = util::to_lower(parsed->host);
  if (host == "localhost" || host.ends_with(".localhost") || host == "::1") {
    return true;
  }
  return host.starts_with("127.") && net::SocketAddress::ip(host, 0).has_value();
}

std::string random_uuid() {
  std::array<char, 16> bytes{};
  [[maybe_unused]] const auto got = ::getrandom(bytes.data(), bytes.size(), 0);
  std::string text = util::hex({bytes.data(), bytes.size()});
  text[12] = '4';
  text[16] = "89ab"[static_cast<unsigned char>(bytes[8]) & 3U];
  for (const std::size_t at : {std::size_t{20}, std::size_t{16}, std::size_t{12}, std::size_t{8}}) {
    text.insert(at, 1, '-');
  }
  return text;
}

Endpoint::Endpoint(net::EventLoop& loop, util::Fd listener, EndpointPorts ports)
    : loop_(loop),
      ports_(std::move(ports)),
      server_(loop,
              std::move(listener),
              [this](const net::HttpRequest& request, const net::HttpServer::Reply& reply) {
                serve(request, reply);
              },
              {.limits = {.body = kLargestRequest}}) {}

void Endpoint::serve(const net::HttpRequest& request, const net::HttpServer::Reply& reply) {
  const auto host = net::find_header(request.headers, "host");
  if (!host || !names_loopback(*host)) {
    reply(refusal(403, "This endpoint answers only for localhost, 127.0.0.0/8 and [::1]."));
    return;
  }
  if (is_from_a_web_page(request)) {
    reply(refusal(403, "This endpoint does not answer web pages."));
    return;
  }
  if (request.method == "POST" || is_signed(request)) {
    serve_call(request, reply);
    return;
  }
  const std::string_view path = std::string_view(request.url).substr(0, request.url.find('?'));
  const bool reads = request.method == "GET" || request.method == "HEAD";
  const bool is_call = request.url.find("Action=") != std::string::npos;
  if (reads && is_call && path == "/") {
    serve_call(request, reply);
  } else if (reads && (path == "/" || path == "/_docker-ecs/health")) {
    reply(health());
  } else {
    reply(refusal(reads ? 404 : 405, "Nothing is here."));
  }
}

net::HttpResponse Endpoint::health() const {
  return {200,
          {{"Content-Type", "application/json"}},
          doc::to_json(ports_.health(), doc::JsonStyle::pretty)};
}

void Endpoint::serve_call(const net::HttpRequest& request, const net::HttpServer::Reply& reply) {
  const awsapi::WireMessage message = to_wire(request);
  const std::string id = ports_.request_id();
  auto call = awsapi::decode_request(message);
  if (!call) {
    call.error().request_id = id;
    reply(to_http(awsapi::encode_error(awsapi::service_of(message), call.error()), id));
    return;
  }
  const awsapi::Operation& operation = *call->operation;
  using Outcome = util::Result<doc::Node, ApiError>;
  // The answer is encoded here, on the loop's thread, and not on the thread that owns the engine's
  // state.
  const bool to_head = request.method == "HEAD";
  auto done = [this, reply, id, to_head, &operation](Outcome outcome) {
    auto shared = std::make_shared<Outcome>(std::move(outcome));
    loop_.post([reply, id, to_head, &operation, shared] {
      if (*shared) {
        reply(to_http(awsapi::encode_response(operation, **shared, id), id, to_head));
        return;
      }
      const ApiError& error = shared->error();
      const awsapi::WireError wire{error.code, error.message, error.http_status, id};
      reply(to_http(awsapi::encode_error(&operation.service(), wire), id));
    });
  };
  ports_.call(operation, std::move(call->input), std::move(done));
}

}  // namespace local
