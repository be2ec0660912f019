#include "convert/target_health.hpp"

#include <algorithm>
#include <array>

#include "compose/units.hpp"
#include "util/strings.hpp"

namespace convert {
namespace {

std::vector<std::string> words_of(const compose::HealthCheck& check) {
  std::vector<std::string> words;
  if (check.disable || !check.test || check.test->size() < 2) {
    return words;
  }
  const compose::TextList& test = *check.test;
  if (test.front().value == "CMD-SHELL") {
    auto line = compose::split_command(test[1].value);  // up to `||` or `;`
    return line ? std::move(line->words) : words;
  }
  if (test.front().value != "CMD") {
    return words;
  }
  for (std::size_t i = 1; i < test.size(); ++i) {
    words.push_back(test[i].value);
  }
  // ["CMD", "sh", "-c", "curl …"]
  const bool shell = words.size() == 3 && words[1] == "-c" &&
                     (words[0] == "sh" || words[0] == "bash" || words[0].ends_with("/sh") ||
                      words[0].ends_with("/bash"));
  if (shell) {
    auto line = compose::split_command(words[2]);
    return line ? std::move(line->words) : std::vector<std::string>();
  }
  return words;
}

bool is_http_client(std::string_view word) {
  const std::string_view name = word.substr(word.rfind('/') + 1);
  return name == "curl" || name == "wget";
}

bool is_this_container(std::string_view host, const compose::Service& service) {
  constexpr std::array<std::string_view, 4> kSelf = {"localhost", "127.0.0.1", "[::1]", "0.0.0.0"};
  return std::find(kSelf.begin(), kSelf.end(), host) != kSelf.end() || host == service.name;
}

std::optional<HttpProbe> parse_url(std::string_view url, const compose::Service& service) {
  HttpProbe out;
  if (url.starts_with("https://")) {
    out.tls = true;
    out.port = 443;
    url.remove_prefix(8);
  } else if (url.starts_with("http://")) {
    url.remove_prefix(7);
  }
  const std::size_t slash = std::min(url.find_first_of("/?#"), url.size());
  std::string_view authority = url.substr(0, slash);
  if (const std::size_t colon = authority.rfind(':');
      colon != std::string_view::npos && !authority.ends_with(']')) {
    const auto port = util::parse_int(authority.substr(colon + 1));
    if (!port || *port < 1 || *port > 65535) {
      return std::nullopt;
    }
    out.port = static_cast<std::uint32_t>(*port);
    authority = authority.substr(0, colon);
  }
  if (!is_this_container(authority, service)) {
    return std::nullopt;
  }
  const std::string_view rest = url.substr(slash, url.find('#') - slash);
  if (!rest.empty()) {
    out.path = rest.starts_with('/') ? std::string(rest) : "/" + std::string(rest);
  }
  const bool plain =
      out.path.size() <= 1024 && std::none_of(out.path.begin(), out.path.end(), [](char c) {
        return c == '$' || c == '`' || c <= ' ';
      });
  return plain ? std::optional(out) : std::nullopt;
}

}  // namespace

std::optional<HttpProbe> http_probe(const compose::Service& service) {
  if (!service.healthcheck) {
    return std::nullopt;
  }
  const std::vector<std::string> words = words_of(*service.healthcheck);
  if (words.empty() || !is_http_client(words.front())) {
    return std::nullopt;
  }
  for (std::size_t i = 1; i < words.size(); ++i) {
    const std::string& word = words[i];
    const bool url = word.starts_with("http://") || word.starts_with("https://");
    const bool bare = !word.starts_with('-') && word.find("localhost") == 0;
    if (url || bare) {
      return parse_url(word, service);
    }
  }
  return std::nullopt;
}

}  // namespace convert
