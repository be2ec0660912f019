#pragma once

#include <vector>

#include "convert/builder.hpp"
#include "convert/ports.hpp"

namespace convert {

// The listeners of the Application Load Balancer, with their certificates: Port443Listener and so
// on. A listener itself answers 404, the services' rules do the rest, so that a listener does not
// change with the services behind it. HTTPS ports make port 80 lead to them, unless something else
// is published there or `redirect_http: false` says otherwise.
void add_http_listeners(Builder& builder, const std::vector<PublishedPort>& ports);

}  // namespace convert
