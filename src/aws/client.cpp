#include "aws/client.hpp"

#include <algorithm>
#include <array>
#include <cstdio>
#include <ctime>
#include <random>

#include "aws/signer.hpp"
#include "awsapi/http_date.hpp"
#include "awsapi/protocol.hpp"
#include "util/strings.hpp"

namespace aws {
namespace {

constexpr std::size_t kParallelCalls = 8;
constexpr std::size_t kMaxPages = 10'000;

std::string uuid(const World& world) {
  const std::uint64_t high = world.random();
  const std::uint64_t low = world.random();
  std::array<char, 40> buffer{};
  std::snprintf(buffer.data(),
                buffer.size(),
                "%08x-%04x-4%03x-%04x-%012llx",
                static_cast<unsigned>(high >> 32U),
                static_cast<unsigned>((high >> 16U) & 0xFFFFU),
                static_cast<unsigned>(high & 0xFFFU),
                static_cast<unsigned>(((low >> 48U) & 0x3FFFU) | 0x8000U),
                static_cast<unsigned long long>(low & 0xFFFFFFFFFFFFULL));
  return buffer.data();
}

// A call that is sent twice (a retry after a lost answer) must count once.
void fill_idempotency_tokens(const awsapi::Operation& operation,
                             doc::Node& input,
                             const World& world) {
  doc::Mapping* members = input.as_mapping();
  for (const awsapi::Member& member : operation.input->members) {
    if (members != nullptr && member.idempotency_token && members->find(member.name) == nullptr) {
      members->set(member.name, doc::Node{uuid(world)});
    }
  }
}

// What follows the endpoint's URL: the protocols that post forms and documents use the path that
// the endpoint may be configured with.
std::string request_path(const std::string& url, const std::string& path) {
  const std::size_t authority = url.find("://");
  const bool has_path =
      url.find('/', authority == std::string::npos ? 0 : authority + 3) != std::string::npos;
  return path == "/" && has_path ? "" : path;
}

net::HttpRequest to_http(const awsapi::WireMessage& message,
                         const Endpoint& endpoint,
                         const ClientOptions& options) {
  net::HttpRequest out;
  out.method = message.method;
  out.url = endpoint.url + request_path(endpoint.url, message.path);
  out.body = message.body;
  out.timeout = options.timeout;
  for (const auto& [name, value] : message.headers) {
    out.headers.push_back({name, value});
  }
  out.headers.push_back({"User-Agent", options.user_agent});
  return out;
}

awsapi::WireMessage to_wire(net::HttpResponse response) {
  awsapi::WireMessage out;
  out.status = response.status;
  out.body = std::move(response.body);
  for (net::Header& header : response.headers) {
    out.headers.emplace_back(std::move(header.name), std::move(header.value));
  }
  return out;
}

Error::Kind kind_of(const awsapi::WireError& error) {
  const std::string_view code = error.code;
  const auto is_one_of = [code](std::initializer_list<std::string_view> codes) {
    return std::find(codes.begin(), codes.end(), code) != codes.end();
  };
  if (code == "UnreadableResponse") {
    return Error::Kind::unreadable;
  }
  if (is_throttling(code) || error.http_status == 429) {
    return Error::Kind::throttled;
  }
  if (is_expired_token(code) || code == "RequestExpired") {
    return Error::Kind::expired;
  }
  if (is_one_of({"AccessDenied",
                 "AccessDeniedException",
                 "UnauthorizedOperation",
                 "UnauthorizedException",
                 "OptInRequired"})) {
    return Error::Kind::denied;
  }
  if (is_one_of({"InvalidClientTokenId",
                 "UnrecognizedClientException",
                 "InvalidAccessKeyId",
                 "SignatureDoesNotMatch",
                 "InvalidSignatureException",
                 "IncompleteSignature",
                 "AuthFailure",
                 "MissingAuthenticationToken",
                 "MissingAuthenticationTokenException"})) {
    return Error::Kind::credentials;
  }
  return Error::Kind::service;
}

Error transport_failure(const net::TransportError& error, const std::string& url) {
  const bool cancelled = error.kind == net::TransportError::Kind::cancelled;
  const bool broken = error.kind == net::TransportError::Kind::protocol;
  return {cancelled ? "Cancelled"
          : broken  ? "BrokenAnswer"
                    : "EndpointUnreachable",
          cancelled ? Error::Kind::cancelled : Error::Kind::unreachable,
          0,
          {},
          (broken ? "no proper answer from " : "could not reach ") + url + ": " + error.detail};
}

// Retry-After in seconds, or x-amz-retry-after in milliseconds.
std::optional<std::chrono::milliseconds> retry_after(const net::HttpResponse& response) {
  if (const auto millis = net::find_header(response.headers, "x-amz-retry-after")) {
    if (const auto value = util::parse_int(util::trim(*millis)); value && *value >= 0) {
      return std::chrono::milliseconds{std::min<std::int64_t>(*value, 3'600'000)};
    }
  }
  if (const auto seconds = net::find_header(response.headers, "Retry-After")) {
    if (const auto value = util::parse_int(util::trim(*seconds)); value && *value >= 0) {
      return std::chrono::seconds{std::min<std::int64_t>(*value, 3'600)};
    }
  }
  return std::nullopt;
}

doc::Node* member_at(doc::Node& node, std::string_view path) {
  doc::Node* at = &node;
  for (const std::string& name : util::split(path, '.')) {
    at = at == nullptr ? nullptr : at->find(name);
  }
  return at;
}

// Where AWS hides the next page's token; empty at the end.
std::string next_token(const awsapi::Operation& operation, const doc::Node& page) {
  const doc::Node* token = page.find(operation.page_output);
  return token != nullptr && token->as_string() != nullptr ? *token->as_string() : std::string{};
}

}  // namespace

World system_world(net::HttpTransport& transport, const util::Clock& clock) {
  return {transport,
          clock,
          [](std::chrono::milliseconds pause) {
            std::this_thread::sleep_for(pause);
            return true;
          },
          [] {
            static thread_local std::random_device device;
            return (std::uint64_t{device()} << 32U) | device();
          }};
}

Client::Client(ClientOptions options, std::unique_ptr<CredentialsProvider> credentials, World world)
    : options_(std::move(options)),
      credentials_(std::move(credentials)),
      world_(std::move(world)) {}

std::unique_ptr<Client> Client::for_local_engine(std::string endpoint,
                                                 World world,
                                                 std::string region) {
  ClientOptions options;
  options.region = std::move(region);
  options.endpoints.url = std::move(endpoint);
  options.retry = {5, std::chrono::milliseconds{100}, std::chrono::milliseconds{1'000}};
  auto credentials = std::make_unique<StaticCredentials>(
      Credentials{"local", Secret{"local"}, {}, {}, "local engine"});
  return std::make_unique<Client>(std::move(options), std::move(credentials), std::move(world));
}

std::string Client::endpoint_url(const awsapi::Service& service) const {
  const auto endpoint =
      resolve_endpoint(service.name, service.endpoint_prefix, options_.region, options_.endpoints);
  return endpoint ? endpoint->url : std::string();
}

util::Result<doc::Node, Error> Client::attempt(const awsapi::Operation& operation,
                                               const Endpoint& endpoint,
                                               const net::HttpRequest& unsigned_request,
                                               Failure& failure) const {
  auto credentials = credentials_->get();
  if (!credentials) {
    return util::unexpected(std::move(credentials.error()));
  }
  net::HttpRequest request = unsigned_request;
  // Without keys there is nothing to sign with: AssumeRoleWithWebIdentity.
  if (!credentials->access_key_id.empty()) {
    sign(request,
         *credentials,
         {endpoint.signing_region, std::string(operation.service().signing_name)},
         world_.clock.now() + std::chrono::milliseconds{clock_offset_millis_.load()},
         {.s3 = operation.service().signing_name == "s3"});
  }
  auto response = world_.transport.send(request);
  if (!response) {
    failure.transport = response.error().kind;
    return util::unexpected(transport_failure(response.error(), endpoint.url));
  }
  failure.retry_after = retry_after(*response);
  if (const auto date = net::find_header(response->headers, "Date")) {
    failure.server_millis = awsapi::parse_http_date(*date);
  }
  auto output = awsapi::decode_response(operation, to_wire(std::move(*response)));
  if (output) {
    return std::move(*output);
  }
  awsapi::WireError& error = output.error();
  failure.code = error.code;
  failure.message = error.message;
  failure.http_status = error.http_status;
  return util::unexpected(
      Error{error.code, kind_of(error), error.http_status, error.request_id, error.message});
}

util::Result<doc::Node, Error> Client::call(const awsapi::Operation& operation,
                                            doc::Node input) const {
  const awsapi::Service& service = operation.service();
  const auto endpoint =
      resolve_endpoint(service.name, service.endpoint_prefix, options_.region, options_.endpoints);
  if (!endpoint) {
    return util::unexpected(
        Error{"InvalidEndpoint", Error::Kind::configuration, 0, {}, endpoint.error()});
  }
  fill_idempotency_tokens(operation, input, world_);
  const net::HttpRequest request =
      to_http(awsapi::encode_request(operation, input), *endpoint, options_);
  bool renewed = false;
  bool clock_corrected = false;
  for (int number = 1;; ++number) {
    Failure failure;
    auto answer = attempt(operation, *endpoint, request, failure);
    if (answer) {
      quota_.give_back(number > 1);
      return answer;
    }
    const Error::Kind kind = answer.error().kind;
    if (is_clock_skew(failure) && failure.server_millis && !clock_corrected) {
      clock_corrected = true;
      clock_offset_millis_ = *failure.server_millis - world_.clock.now().time_since_epoch().count();
      continue;
    }
    if (is_expired_token(failure.code) && !renewed) {
      renewed = true;
      credentials_->forget();
      continue;
    }
    const bool again = kind != Error::Kind::configuration && kind != Error::Kind::cancelled &&
                       is_transient(failure) && number < options_.retry.max_attempts &&
                       quota_.take(failure);
    if (!again) {
      return answer;
    }
    const double jitter = static_cast<double>(world_.random() >> 11U) / 9007199254740992.0;
    if (!world_.pause(retry_pause(options_.retry, number, failure, jitter))) {
      return util::unexpected(Error{
          "Cancelled", Error::Kind::cancelled, 0, {}, "cancelled while waiting to try again"});
    }
  }
}

util::Result<void, Error> Client::for_each_page_node(
    const awsapi::Operation& operation,
    doc::Node input,
    const std::function<bool(const doc::Node&)>& visit) const {
  std::string sent;
  for (std::size_t page = 0; page < kMaxPages; ++page) {
    auto output = call(operation, input);
    if (!output) {
      return util::unexpected(std::move(output.error()));
    }
    std::string token =
        operation.page_output.empty() ? std::string{} : next_token(operation, *output);
    // A token that repeats itself (GetLogEvents at its end) would go on for ever.
    const bool last = token.empty() || token == sent;
    if (!visit(*output) || last) {
      return {};
    }
    input.as_mapping()->set(operation.page_input, doc::Node{token});
    sent = std::move(token);
  }
  return util::unexpected(Error{"TooManyPages",
                                Error::Kind::unreadable,
                                0,
                                {},
                                std::string(operation.name) + " has no last page"});
}

util::Result<doc::Node, Error> Client::call_all(const awsapi::Operation& operation,
                                                doc::Node input) const {
  std::optional<doc::Node> merged;
  auto walked = for_each_page_node(operation, std::move(input), [&](const doc::Node& page) {
    if (!merged) {
      merged = page;
      return true;
    }
    doc::Node copy = page;
    doc::Node* more = member_at(copy, operation.page_result);
    doc::Node* all = member_at(*merged, operation.page_result);
    if (more == nullptr || more->as_sequence() == nullptr) {
      return true;
    }
    if (all == nullptr || all->as_sequence() == nullptr) {
      merged = std::move(copy);
      return true;
    }
    for (doc::Node& item : more->as_sequence()->items) {
      all->as_sequence()->items.push_back(std::move(item));
    }
    return true;
  });
  if (!walked) {
    return util::unexpected(std::move(walked.error()));
  }
  if (!operation.page_output.empty() && merged->as_mapping() != nullptr) {
    merged->as_mapping()->erase(operation.page_output);
  }
  return std::move(*merged);
}

void Client::run_parallel(std::size_t count, const std::function<void(std::size_t)>& work) {
  std::atomic<std::size_t> next{0};
  const auto take_work = [&] {
    for (std::size_t i = next++; i < count; i = next++) {
      work(i);
    }
  };
  std::vector<std::jthread> others;
  for (std::size_t i = 1; i < std::min(count, kParallelCalls); ++i) {
    others.emplace_back(take_work);
  }
  take_work();
}

}  // namespace aws
