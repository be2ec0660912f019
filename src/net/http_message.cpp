#include "net/http_message.hpp"

#include "util/strings.hpp"

namespace net {

std::optional<std::string_view> find_header(const std::vector<Header>& headers,
                                            std::string_view name) {
  for (const Header& header : headers) {
    if (util::iequals(header.name, name)) {
      return header.value;
    }
  }
  return std::nullopt;
}

}  // namespace net
