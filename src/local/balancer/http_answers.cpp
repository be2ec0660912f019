#include "local/balancer/http_answers.hpp"

#include <algorithm>

#include "local/balancer/cookies.hpp"
#include "util/strings.hpp"

namespace local::balancer {

namespace {

constexpr std::string_view kServer = "awselb/2.0";

// nginx's words, which are the load balancer's.
std::string_view page_title(int status) {
  switch (status) {
    case 503: return "Service Temporarily Unavailable";
    case 504: return "Gateway Time-out";
    case 414: return "Request-URI Too Large";
    case 408: return "Request Time-out";
    case 405: return "Not Allowed";
    case 463: return "";
    default: return net::reason_phrase(status);
  }
}

std::string page(int status) {
  std::string title = std::to_string(status);
  if (const std::string_view words = page_title(status); !words.empty()) {
    title += " " + std::string(words);
  }
  return "<html>\r\n<head><title>" + title + "</title></head>\r\n<body>\r\n<center><h1>" + title +
         "</h1></center>\r\n</body>\r\n</html>\r\n";
}

std::string filled_in(std::string_view text,
                      const RequestFacts& request,
                      const ClientSide& client) {
  std::string path(request.path.substr(request.path.starts_with('/') ? 1 : 0));
  const std::pair<std::string_view, std::string> parts[] = {
      {"#{protocol}", client.tls ? "HTTPS" : "HTTP"},
      {"#{host}", std::string(request.host)},
      {"#{port}", std::to_string(client.listener_port)},
      {"#{path}", std::move(path)},
      {"#{query}", std::string(request.query)},
  };
  std::string out;
  while (!text.empty()) {
    const auto* found =
        std::ranges::find_if(parts, [&](const auto& part) { return text.starts_with(part.first); });
    if (found != std::end(parts)) {
      out += found->second;
      text.remove_prefix(found->first.size());
    } else {
      out += text.front();
      text.remove_prefix(1);
    }
  }
  return out;
}

// Headers that concern one connection only; those that Connection names come on top.
bool is_hop_by_hop(std::string_view name) {
  static constexpr std::string_view kNames[] = {"connection",
                                                "keep-alive",
                                                "proxy-connection",
                                                "te",
                                                "trailer",
                                                "transfer-encoding",
                                                "upgrade",
                                                "http2-settings"};
  return std::ranges::any_of(kNames,
                             [&](std::string_view other) { return util::iequals(name, other); });
}

template <class Visit>
void for_each_token(std::string_view list, Visit visit) {
  while (!list.empty()) {
    const std::string_view token = list.substr(0, list.find(','));
    list.remove_prefix(std::min(token.size() + 1, list.size()));
    visit(util::trim(token));
  }
}

bool names_token(const net::HttpHead& head, std::string_view header, std::string_view token) {
  bool found = false;
  for (const net::Header& one : head.headers) {
    if (util::iequals(one.name, header)) {
      for_each_token(one.value,
                     [&](std::string_view text) { found = found || util::iequals(text, token); });
    }
  }
  return found;
}

// Headers that a Connection header takes away may not be those the load balancer answers for.
bool is_connection_option(const net::HttpHead& head, std::string_view name) {
  return !util::iequals(name, "host") && !util::iequals(name, "content-length") &&
         names_token(head, "connection", name);
}

bool has_usual_name(std::string_view name) {
  return std::ranges::all_of(name, [](char c) { return util::is_alnum(c) || c == '-'; });
}

// Set by the load balancer itself, so the client's are dropped.
bool is_overwritten(std::string_view name) {
  static constexpr std::string_view kNames[] = {"host",
                                                "x-forwarded-for",
                                                "x-forwarded-proto",
                                                "x-forwarded-port",
                                                "x-amzn-trace-id",
                                                "x-amzn-tls-version",
                                                "x-amzn-tls-cipher-suite"};
  return std::ranges::any_of(kNames,
                             [&](std::string_view other) { return util::iequals(name, other); });
}

std::string joined_values(const net::HttpHead& head, std::string_view name) {
  std::string all;
  for (const net::Header& header : head.headers) {
    if (util::iequals(header.name, name)) {
      all += (all.empty() ? "" : ", ") + header.value;
    }
  }
  return all;
}

std::string rewritten(std::string text, Rewrite::What what, const std::vector<Rewrite>& rewrites) {
  for (const Rewrite& rewrite : rewrites) {
    if (rewrite.what == what) {
      text = rewrite.regex->replaced(text, rewrite.replacement).value_or(text);
    }
  }
  return text;
}

// A rewritten URL is still a path: nothing else could be meant by the rule.
std::string target_for_target(const net::HttpHead& head, const ForwardContext& context) {
  std::string target(origin_form(head.target));
  if (target.starts_with('?')) {
    target.insert(0, "/");
  }
  target = rewritten(std::move(target), Rewrite::What::url, context.rewrites);
  return target.starts_with('/') || target == "*" ? target : "/" + target;
}

std::string host_for_target(const net::HttpHead& head, const ForwardContext& context) {
  std::string host =
      rewritten(std::string(authority_of(head)), Rewrite::What::host, context.rewrites);
  const std::uint16_t port = context.client.listener_port;
  const bool usual = port == (context.client.tls ? 443 : 80);
  const std::size_t bracket = host.rfind(']');
  const bool has_port =
      host.find(':', bracket == std::string::npos ? 0 : bracket) != std::string::npos;
  if (!context.settings.preserve_host && !usual && !has_port && !host.empty()) {
    host += ":" + std::to_string(port);
  }
  return host.empty() ? "localhost" : host;
}

void append_forwarded_for(std::string& out,
                          const net::HttpHead& head,
                          const ForwardContext& context) {
  std::string value = joined_values(head, "x-forwarded-for");
  if (context.settings.forwarded_for == ForwardedFor::remove) {
    return;
  }
  if (context.settings.forwarded_for == ForwardedFor::append) {
    const ClientSide& client = context.client;
    const bool v6 = client.address.find(':') != std::string::npos;
    value += value.empty() ? "" : ", ";
    value += context.settings.client_port && v6 ? "[" + client.address + "]" : client.address;
    value += context.settings.client_port ? ":" + std::to_string(client.port) : "";
  }
  if (!value.empty()) {
    net::append_header(out, "X-Forwarded-For", value);
  }
}

}  // namespace

OwnAnswer error_answer(int status) {
  return {.status = status, .body = page(status)};
}

OwnAnswer redirect_answer(const RedirectSpec& spec,
                          const RequestFacts& request,
                          const ClientSide& client) {
  const std::string query = filled_in(spec.query, request, client);
  OwnAnswer answer = error_answer(spec.status);
  answer.location = util::to_lower(filled_in(spec.protocol, request, client)) + "://" +
                    filled_in(spec.host, request, client) + ":" +
                    filled_in(spec.port, request, client) + filled_in(spec.path, request, client) +
                    (query.empty() ? "" : "?" + query);
  return answer;
}

OwnAnswer fixed_answer(const FixedResponseSpec& spec) {
  return {.status = spec.status,
          .content_type = spec.content_type.empty() ? "text/plain" : spec.content_type,
          .body = spec.body};
}

std::string write_answer(const OwnAnswer& answer,
                         bool keep_alive,
                         bool to_head,
                         bool server_header,
                         std::chrono::system_clock::time_point now) {
  std::vector<net::Header> headers;
  if (server_header) {
    headers.push_back({"Server", std::string(kServer)});
  }
  headers.push_back({"Date", http_date(now)});
  headers.push_back({"Content-Type", answer.content_type});
  if (!answer.location.empty()) {
    headers.push_back({"Location", answer.location});
  }
  if (keep_alive) {
    headers.push_back({"Connection", "keep-alive"});
  }
  return net::write_response({answer.status, std::move(headers), answer.body}, keep_alive, to_head);
}

bool asks_for_upgrade(const net::HttpHead& head) {
  const auto protocol = head.header("upgrade");
  return protocol && head.minor_version >= 1 && head.method == "GET" &&
         head.framing == net::Framing::none && names_token(head, "connection", "upgrade") &&
         !names_token(head, "upgrade", "h2c") && !names_token(head, "upgrade", "h2");
}

bool has_too_long_forwarded_for(const net::HttpHead& head) {
  constexpr std::size_t kMost = 30;
  std::size_t count = 0;
  for_each_token(joined_values(head, "x-forwarded-for"), [&](std::string_view) { ++count; });
  return count > kMost;
}

std::string traced(std::string_view before, std::string_view trace_id) {
  std::string rest;
  bool has_root = false;
  while (!before.empty()) {
    const std::string_view field = before.substr(0, before.find(';'));
    before.remove_prefix(std::min(field.size() + 1, before.size()));
    const std::string_view text = util::trim(field);
    has_root = has_root || text.starts_with("Root=");
    if (!text.empty() && !text.starts_with("Self=")) {
      rest += ";" + std::string(text);
    }
  }
  const std::string id(trace_id);
  if (rest.empty()) {
    return "Root=" + id;
  }
  return "Self=" + id + (has_root ? "" : ";Root=" + id) + rest;
}

std::string forwarded_request(const net::HttpHead& head, const ForwardContext& context) {
  std::string out;
  out.reserve(1024);
  net::append_request_line(out, head.method, target_for_target(head, context));
  net::append_header(out, "Host", host_for_target(head, context));
  for (const net::Header& header : head.headers) {
    if (is_hop_by_hop(header.name) || is_overwritten(header.name) ||
        is_connection_option(head, header.name) ||
        (context.settings.drop_invalid_headers && !has_usual_name(header.name))) {
      continue;
    }
    net::append_header(out, header.name, header.value);
  }
  append_forwarded_for(out, head, context);
  net::append_header(out, "X-Forwarded-Proto", context.client.tls ? "https" : "http");
  net::append_header(out, "X-Forwarded-Port", std::to_string(context.client.listener_port));
  if (context.settings.tls_headers && context.client.tls) {
    net::append_header(out, "X-Amzn-Tls-Version", context.client.tls_version);
    net::append_header(out, "X-Amzn-Tls-Cipher-Suite", context.client.tls_cipher);
  }
  net::append_header(
      out, "X-Amzn-Trace-Id", traced(joined_values(head, "x-amzn-trace-id"), context.trace_id));
  if (head.framing == net::Framing::chunked) {
    net::append_header(out, "Transfer-Encoding", "chunked");
  }
  if (context.upgrade) {
    net::append_header(out, "Upgrade", head.header("upgrade").value_or(""));
    net::append_header(out, "Connection", "Upgrade");
  }
  return out += "\r\n";
}

BodyTo body_to_client(const net::HttpHead& response, int client_minor_version) {
  switch (response.framing) {
    case net::Framing::none:
    case net::Framing::length: return BodyTo::as_it_is;
    case net::Framing::chunked:
    case net::Framing::until_close: break;
  }
  return client_minor_version >= 1 ? BodyTo::chunked : BodyTo::until_close;
}

std::string forwarded_response(const net::HttpHead& response,
                               BodyTo body,
                               bool keep_alive,
                               const std::vector<std::string>& cookies) {
  std::string out;
  out.reserve(1024);
  net::append_status_line(out, response.status, response.reason);
  const bool upgraded = response.status == 101;
  for (const net::Header& header : response.headers) {
    const bool about_upgrade = upgraded && util::iequals(header.name, "upgrade");
    if ((is_hop_by_hop(header.name) && !about_upgrade) ||
        is_connection_option(response, header.name)) {
      if (!about_upgrade) {
        continue;
      }
    }
    net::append_header(out, header.name, header.value);
  }
  for (const std::string& cookie : cookies) {
    net::append_header(out, "Set-Cookie", cookie);
  }
  if (body == BodyTo::chunked) {
    net::append_header(out, "Transfer-Encoding", "chunked");
  }
  if (upgraded) {
    net::append_header(out, "Connection", "Upgrade");
  } else if (response.status >= 200) {
    net::append_header(out, "Connection", keep_alive ? "keep-alive" : "close");
  }
  return out += "\r\n";
}

}  // namespace local::balancer
