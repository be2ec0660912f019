#include "aws/signer.hpp"

#include <algorithm>
#include <array>
#include <cstdio>
#include <map>
#include <utility>
#include <vector>

#include "net/url.hpp"
#include "util/hash.hpp"
#include "util/strings.hpp"
#include "util/uri.hpp"

namespace aws {
namespace {

constexpr std::string_view kAlgorithm = "AWS4-HMAC-SHA256";
constexpr std::string_view kUnsignedPayload = "UNSIGNED-PAYLOAD";

// Hops between the two ends may change or drop these.
bool is_unsigned_header(std::string_view lower_name) {
  for (const std::string_view name : {"authorization",
                                      "connection",
                                      "expect",
                                      "transfer-encoding",
                                      "user-agent",
                                      "x-amzn-trace-id"}) {
    if (lower_name == name) {
      return true;
    }
  }
  return false;
}

std::string collapse_spaces(std::string_view value) {
  std::string out;
  for (const char c : util::trim(value)) {
    const bool space = c == ' ' || c == '\t';
    if (!(space && !out.empty() && out.back() == ' ')) {
      out += space ? ' ' : c;
    }
  }
  return out;
}

// RFC 3986 dot segments removed, empty segments too; a trailing slash stays.
std::string normalized_path(std::string_view path) {
  std::vector<std::string> kept;
  const std::vector<std::string> segments = util::split(path, '/');
  for (const std::string& segment : segments) {
    if (segment == ".." && !kept.empty()) {
      kept.pop_back();
    } else if (!segment.empty() && segment != "." && segment != "..") {
      kept.push_back(segment);
    }
  }
  const std::string& last = segments.back();
  const bool slash = !kept.empty() && (last.empty() || last == "." || last == "..");
  return "/" + util::join(kept, "/") + (slash ? "/" : "");
}

std::string canonical_path(std::string_view path, const SigningOptions& options) {
  return options.s3 ? std::string(path) : util::uri_encode(normalized_path(path), "/");
}

std::string canonical_query(std::string_view query) {
  std::vector<std::pair<std::string, std::string>> pairs;
  for (const std::string& part : util::split(query, '&')) {
    if (part.empty()) {
      continue;
    }
    const std::size_t equals = part.find('=');
    const std::string value = equals == std::string::npos ? std::string{} : part.substr(equals + 1);
    pairs.emplace_back(util::uri_encode(util::uri_decode(part.substr(0, equals))),
                       util::uri_encode(util::uri_decode(value)));
  }
  std::sort(pairs.begin(), pairs.end());
  std::string out;
  for (const auto& [name, value] : pairs) {
    out += (out.empty() ? "" : "&") + name + "=" + value;
  }
  return out;
}

// Lower-case name -> value; the values of repeated headers are joined in their order.
std::map<std::string, std::string> canonical_headers(const net::HttpRequest& request) {
  std::map<std::string, std::string> out;
  for (const net::Header& header : request.headers) {
    const std::string name = util::to_lower(util::trim(header.name));
    if (is_unsigned_header(name)) {
      continue;
    }
    const auto [at, fresh] = out.try_emplace(name, collapse_spaces(header.value));
    if (!fresh) {
      at->second += "," + collapse_spaces(header.value);
    }
  }
  return out;
}

std::string payload_hash(const net::HttpRequest& request, const SigningOptions& options) {
  const auto given = net::find_header(request.headers, "X-Amz-Content-Sha256");
  if (given) {
    return std::string(*given);
  }
  return options.unsigned_payload ? std::string(kUnsignedPayload) : util::sha256_hex(request.body);
}

std::string signing_key(const Secret& secret, std::string_view day, const SigningScope& scope) {
  std::string key = "AWS4" + secret.reveal();
  for (const std::string_view part : {day,
                                      std::string_view(scope.region),
                                      std::string_view(scope.service),
                                      std::string_view("aws4_request")}) {
    const util::Sha256Digest digest = util::hmac_sha256(key, part);
    key = util::as_bytes(digest);
  }
  return key;
}

std::string scope_text(std::string_view day, const SigningScope& scope) {
  return std::string(day) + "/" + scope.region + "/" + scope.service + "/aws4_request";
}

void replace_header(net::HttpRequest& request, std::string_view name, std::string value) {
  std::erase_if(request.headers, [&](const net::Header& h) { return util::iequals(h.name, name); });
  request.headers.push_back({std::string(name), std::move(value)});
}

std::string host_header(const net::Url& url) {
  net::Url plain = url;
  if ((url.scheme == "https" && url.port == 443) || (url.scheme == "http" && url.port == 80)) {
    plain.port = 0;
  }
  return plain.authority();
}

}  // namespace

std::string amz_date(util::Clock::TimePoint now) {
  const auto day = std::chrono::floor<std::chrono::days>(now);
  const std::chrono::year_month_day date{day};
  const std::chrono::hh_mm_ss time{std::chrono::floor<std::chrono::seconds>(now - day)};
  std::array<char, 48> buffer{};
  std::snprintf(buffer.data(),
                buffer.size(),
                "%04d%02u%02uT%02d%02d%02dZ",
                static_cast<int>(date.year()),
                static_cast<unsigned>(date.month()),
                static_cast<unsigned>(date.day()),
                static_cast<int>(time.hours().count()),
                static_cast<int>(time.minutes().count()),
                static_cast<int>(time.seconds().count()));
  return buffer.data();
}

Signature compute_signature(const net::HttpRequest& request,
                            const Credentials& credentials,
                            const SigningScope& scope,
                            std::string_view amz_date,
                            const SigningOptions& options) {
  const auto url = net::parse_url(request.url);
  const std::string target = url ? url->target : request.url;
  const std::size_t question = target.find('?');
  Signature out;
  std::string header_lines;
  for (const auto& [name, value] : canonical_headers(request)) {
    header_lines += name + ":" + value + "\n";
    out.signed_headers += (out.signed_headers.empty() ? "" : ";") + name;
  }
  out.canonical_request =
      request.method + "\n" +
      canonical_path(std::string_view(target).substr(0, question), options) + "\n" +
      canonical_query(question == std::string::npos ? "" : target.substr(question + 1)) + "\n" +
      header_lines + "\n" + out.signed_headers + "\n" + payload_hash(request, options);
  const std::string_view day = amz_date.substr(0, 8);
  out.string_to_sign = std::string(kAlgorithm) + "\n" + std::string(amz_date) + "\n" +
                       scope_text(day, scope) + "\n" + util::sha256_hex(out.canonical_request);
  const util::Sha256Digest digest =
      util::hmac_sha256(signing_key(credentials.secret_access_key, day, scope), out.string_to_sign);
  out.value = util::hex(util::as_bytes(digest));
  return out;
}

void sign(net::HttpRequest& request,
          const Credentials& credentials,
          const SigningScope& scope,
          util::Clock::TimePoint now,
          const SigningOptions& options) {
  const std::string date = amz_date(now);
  if (const auto url = net::parse_url(request.url);
      url && !net::find_header(request.headers, "Host")) {
    request.headers.push_back({"Host", host_header(*url)});
  }
  replace_header(request, "X-Amz-Date", date);
  if (!credentials.session_token.empty()) {
    replace_header(request, "X-Amz-Security-Token", credentials.session_token.reveal());
  }
  if (options.s3) {
    replace_header(request, "X-Amz-Content-Sha256", payload_hash(request, options));
  }
  const Signature signature = compute_signature(request, credentials, scope, date, options);
  replace_header(request,
                 "Authorization",
                 std::string(kAlgorithm) + " Credential=" + credentials.access_key_id + "/" +
                     scope_text(std::string_view(date).substr(0, 8), scope) + ", SignedHeaders=" +
                     signature.signed_headers + ", Signature=" + signature.value);
}

}  // namespace aws
