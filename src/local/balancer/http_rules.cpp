#include "local/balancer/http_rules.hpp"

#include <algorithm>
#include <array>

#include <arpa/inet.h>

#include "util/strings.hpp"

namespace local::balancer {

namespace {

constexpr std::string_view kLocalSuffix = ".localhost";

char lower(char c) {
  return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
}

std::string_view without_port(std::string_view authority) {
  if (authority.starts_with('[')) {
    return authority.substr(0, std::min(authority.find(']') + 1, authority.size()));
  }
  return authority.substr(0, authority.find(':'));
}

// What follows "http://" or "https://"; nothing for another form.
std::optional<std::string_view> behind_scheme(std::string_view target) {
  for (const std::string_view scheme : {"http://", "https://"}) {
    if (util::iequals(target.substr(0, scheme.size()), scheme)) {
      return target.substr(scheme.size());
    }
  }
  return std::nullopt;
}

struct Bits {
  std::array<unsigned char, 16> bytes{};
  int size = 0;  // in bits: 32 or 128
};

std::optional<Bits> bits_of(std::string_view text) {
  const std::string address(text);
  Bits bits;
  if (::inet_pton(AF_INET, address.c_str(), bits.bytes.data()) == 1) {
    bits.size = 32;
    return bits;
  }
  if (::inet_pton(AF_INET6, address.c_str(), bits.bytes.data()) == 1) {
    bits.size = 128;
    return bits;
  }
  return std::nullopt;
}

// A host that a rule names is reached on this machine by its own name or, since that needs no
// entry in any name server, as "<name>.localhost".
bool host_matches(std::string_view pattern, std::string_view host) {
  if (matches_wildcards(pattern, host, Case::ignored)) {
    return true;
  }
  const std::size_t size = kLocalSuffix.size();
  return host.size() > size && util::iequals(host.substr(host.size() - size), kLocalSuffix) &&
         matches_wildcards(pattern, host.substr(0, host.size() - size), Case::ignored);
}

bool one_regex_matches(const Condition& condition, std::string_view text) {
  return std::ranges::any_of(condition.regexes,
                             [&](const auto& regex) { return regex->matches(text); });
}

bool query_holds(const Condition& condition, std::string_view query) {
  while (!query.empty()) {
    const std::string_view part = query.substr(0, query.find('&'));
    query.remove_prefix(std::min(part.size() + 1, query.size()));
    const std::size_t equals = std::min(part.find('='), part.size());
    const std::string_view key = part.substr(0, equals);
    const std::string_view value = part.substr(std::min(equals + 1, part.size()));
    for (const auto& [wanted_key, wanted_value] : condition.pairs) {
      if ((wanted_key.empty() || matches_wildcards(wanted_key, key, Case::ignored)) &&
          matches_wildcards(wanted_value, value, Case::ignored)) {
        return true;
      }
    }
  }
  return false;
}

}  // namespace

std::string_view origin_form(std::string_view target) {
  const auto rest = behind_scheme(target);
  if (!rest) {
    return target;
  }
  const std::size_t path = rest->find_first_of("/?");
  return path == std::string_view::npos ? std::string_view("/") : rest->substr(path);
}

std::string_view authority_of(const net::HttpHead& head) {
  if (const auto rest = behind_scheme(head.target)) {
    return rest->substr(0, rest->find_first_of("/?"));
  }
  return head.header("host").value_or(std::string_view{});
}

std::optional<RequestFacts> facts_of(const net::HttpHead& head, std::string_view source) {
  const std::string_view target = origin_form(head.target);
  if (!target.starts_with('/') && !target.starts_with('?') &&
      !(target == "*" && head.method == "OPTIONS")) {
    return std::nullopt;
  }
  RequestFacts facts;
  facts.method = head.method;
  facts.host = without_port(authority_of(head));
  const std::size_t question = std::min(target.find('?'), target.size());
  facts.path = question == 0 ? std::string_view("/") : target.substr(0, question);
  facts.query = target.substr(std::min(question + 1, target.size()));
  facts.source = source;
  facts.headers = &head.headers;
  return facts;
}

bool matches_wildcards(std::string_view pattern, std::string_view text, Case letters) {
  const auto same = [&](char a, char b) {
    return a == b || (letters == Case::ignored && lower(a) == lower(b));
  };
  std::size_t at = 0;
  std::size_t in = 0;
  std::size_t star = std::string_view::npos;  // the last one seen, and where its text ends
  std::size_t taken = 0;
  while (in < text.size()) {
    const bool escaped = at + 1 < pattern.size() && pattern[at] == '\\';
    if (!escaped && at < pattern.size() && pattern[at] == '*') {
      star = at++;
      taken = in;
    } else if (at < pattern.size() && ((!escaped && pattern[at] == '?') ||
                                       same(pattern[at + (escaped ? 1U : 0U)], text[in]))) {
      at += escaped ? 2U : 1U;
      ++in;
    } else if (star != std::string_view::npos) {
      at = star + 1;
      in = ++taken;
    } else {
      return false;
    }
  }
  return pattern.find_first_not_of('*', at) == std::string_view::npos;
}

bool is_in_network(std::string_view address, std::string_view network) {
  const std::size_t slash = std::min(network.find('/'), network.size());
  const auto mine = bits_of(address);
  const auto wanted = bits_of(network.substr(0, slash));
  if (!mine || !wanted || mine->size != wanted->size) {
    return false;
  }
  const auto length =
      slash == network.size() ? wanted->size : util::parse_int(network.substr(slash + 1));
  if (!length || *length < 0 || *length > wanted->size) {
    return false;
  }
  for (std::size_t bit = 0; bit < static_cast<std::size_t>(*length); ++bit) {
    const unsigned mask = 0x80U >> (bit % 8);
    if ((mine->bytes[bit / 8] & mask) != (wanted->bytes[bit / 8] & mask)) {
      return false;
    }
  }
  return true;
}

bool holds(const Condition& condition, const RequestFacts& request) {
  const auto any = [&](auto&& matches) { return std::ranges::any_of(condition.values, matches); };
  switch (condition.field) {
    case Condition::Field::host:
      return any([&](const std::string& value) { return host_matches(value, request.host); }) ||
             one_regex_matches(condition, request.host);
    case Condition::Field::path:
      return any([&](const std::string& value) {
               return matches_wildcards(value, request.path, Case::matters);
             }) ||
             one_regex_matches(condition, request.path);
    case Condition::Field::method:
      return any([&](const std::string& value) { return value == request.method; });
    case Condition::Field::source_ip:
      return any([&](const std::string& value) { return is_in_network(request.source, value); });
    case Condition::Field::query: return query_holds(condition, request.query);
    case Condition::Field::header:
      return std::ranges::any_of(*request.headers, [&](const net::Header& header) {
        return util::iequals(header.name, condition.header) &&
               (any([&](const std::string& value) {
                  return matches_wildcards(value, header.value, Case::ignored);
                }) ||
                one_regex_matches(condition, header.value));
      });
  }
  return false;
}

bool all_hold(const std::vector<Condition>& conditions, const RequestFacts& request) {
  return std::ranges::all_of(conditions, [&](const Condition& one) { return holds(one, request); });
}

}  // namespace local::balancer
