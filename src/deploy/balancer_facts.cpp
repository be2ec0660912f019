#include "deploy/balancer_facts.hpp"

#include <utility>

#include "awsapi/elbv2.hpp"

namespace deploy {
namespace {

auto refuse_balancer(std::string message, std::string help) {
  return util::unexpected(PlacementProblem(Refusal{std::move(message), std::move(help)}));
}

}  // namespace

util::Result<BalancerFacts, PlacementProblem> find_balancer(Api& api,
                                                            const std::string& reference,
                                                            const std::string& type) {
  awsapi::elbv2::DescribeLoadBalancersRequest request;
  if (reference.starts_with("arn:")) {
    request.load_balancer_arns = {reference};
  } else {
    request.names = {reference};
  }
  const auto answer = api.send(request);
  if (!answer && answer.error().code != "LoadBalancerNotFound" &&
      answer.error().code != "LoadBalancerNotFoundException") {
    return util::unexpected(PlacementProblem(answer.error()));
  }
  if (!answer || answer->load_balancers.empty()) {
    return refuse_balancer("there is no load balancer `" + reference + "` in this region",
                           "check `x-aws-loadbalancer`");
  }
  const awsapi::elbv2::LoadBalancer& found = answer->load_balancers.front();
  if (found.type.value_or("") != type) {
    return refuse_balancer("load balancer `" + reference + "` is of type " +
                               found.type.value_or("unknown") + ", but the ports need type " + type,
                           "`x-aws-loadbalancer: {application: …, network: …}` names one of each");
  }
  if (found.security_groups.empty()) {
    return refuse_balancer("load balancer `" + reference +
                               "` has no security group, so the tasks cannot be open to it alone",
                           "use one that was created with a security group");
  }
  return BalancerFacts{found.load_balancer_arn.value_or(""),
                       found.security_groups.front(),
                       found.dns_name.value_or(""),
                       found.canonical_hosted_zone_id.value_or(""),
                       found.vpc_id.value_or("")};
}

}  // namespace deploy
