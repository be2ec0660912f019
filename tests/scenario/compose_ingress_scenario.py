"""One Compose file with everything that stands in front of it: HTTPS by name, two services behind one port, a TCP service beside
them, a service that nobody outside reaches, bare names inside."""
import http.client
import json
import os
import socket
import ssl

from support import Scenario, docker, eventually, free_port

SERVER = """
import http.server, json, os, socket, urllib.request
class Handler(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        answer = {"name": os.environ["NAME"], "host": socket.gethostname(), "path": self.path}
        if self.path.startswith("/ask/"):
            answer = json.load(urllib.request.urlopen(f"http://{self.path[5:]}:8080/", timeout=5))
        body = json.dumps(answer).encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)
    def log_message(self, *args): pass
http.server.ThreadingHTTPServer(("", 8080), Handler).serve_forever()
"""


def compose_file(ports):
    def service(name, **more):
        return {"image": "timestamper:latest", "entrypoint": ["python3", "-u", "-c"],
                "command": [SERVER.replace("$", "$$")], "environment": {"NAME": name}, **more}
    ingress = {"hosts": ["app.localhost"], "redirect_http": False}
    return {"services": {
        "web": service("web", ports=[{"target": 8080, "published": str(ports["https"]), "app_protocol": "http"}],
                       deploy={"replicas": 2}, networks=["front", "back"],
                       **{"x-aws-ingress": {**ingress, "certificate": "auto", "zone": "Z0123456789ABC", "sticky": "1h"}}),
        "api": service("api", ports=["127.0.0.1:8080:8080"], networks=["front"],
                       **{"x-aws-ingress": {**ingress, "port": ports["https"], "paths": ["/api/*"]}}),
        "tcp": service("tcp", ports=[f"{ports['tcp']}:8080"], networks=["front"]),
        "db": service("db", ports=[f"{ports['db']}:8080"], networks=["back"])},
        "networks": {"front": {}, "back": {"internal": True}}}


class ComposeIngress(Scenario):
    def setUp(self):
        super().setUp()
        self.engine.run("local", "start")
        self.ports = {name: free_port() for name in ("https", "tcp", "db")}

    def ask(self, path="/", headers=()):
        home = self.engine.environment["DOCKER_ECS_HOME"]
        context = ssl.create_default_context(cafile=os.path.join(home, "authority.crt"))
        raw = socket.create_connection(("127.0.0.1", self.ports["https"]), 10)
        connection = http.client.HTTPConnection("app.localhost", self.ports["https"])
        connection.sock = context.wrap_socket(raw, server_hostname="app.localhost")
        connection.request("GET", path, headers=dict(headers))
        answer = connection.getresponse()
        body = json.loads(answer.read())
        connection.close()
        return answer.headers, body

    def test_what_the_file_says(self):
        directory = os.path.join(self.engine.home, "shop")
        os.mkdir(directory)
        with open(os.path.join(directory, "compose.yaml"), "w", encoding="utf-8") as file:
            json.dump(compose_file(self.ports), file)
        told = self.engine.run("compose", "up", cwd=directory)
        with self.subTest("the placement is said"):
            self.assertIn("tasks run in public subnets of vpc-", told.stderr)
        with self.subTest("two services behind one HTTPS port"):
            self.assertEqual(self.ask("/x")[1]["name"], "web")
            self.assertEqual(self.ask("/api/x")[1]["name"], "api")
        with self.subTest("a cookie brings a client back"):
            headers, first = self.ask()
            cookie = {"Cookie": headers.get_all("Set-Cookie")[0].split(";")[0]}
            self.assertEqual({self.ask("/", cookie)[1]["host"] for _ in range(6)}, {first["host"]})
        with self.subTest("bare names inside"):
            self.assertEqual(self.ask("/ask/api")[1]["name"], "api")
            self.assertEqual(self.ask("/ask/db")[1]["name"], "db")
        with self.subTest("TCP beside it"):
            connection = http.client.HTTPConnection("127.0.0.1", self.ports["tcp"], timeout=10)
            connection.request("GET", "/")
            self.assertEqual(json.loads(connection.getresponse().read())["name"], "tcp")
        with self.subTest("an internal network has no listener"):
            with self.assertRaises(ConnectionRefusedError):
                socket.create_connection(("127.0.0.1", self.ports["db"]), 1)
        with self.subTest("one load balancer of each kind"):
            self.assertEqual(len(self.engine.client("elbv2").describe_load_balancers()["LoadBalancers"]), 2)
        with self.subTest("nothing changed, nothing done"):
            self.assertIn("nothing changed", self.engine.run("compose", "up", cwd=directory).stderr)
        self.engine.run("compose", "down", cwd=directory)
        eventually(lambda: not self.engine.client("elbv2").describe_load_balancers()["LoadBalancers"], 30)

    def make_shared(self, port):
        """A load balancer of somebody else's, with a listener and a rule of its own."""
        elb, ec2 = self.engine.client("elbv2"), self.engine.client("ec2")
        subnets = ec2.describe_subnets()["Subnets"]
        group = ec2.create_security_group(GroupName="shared", Description="shared", VpcId=subnets[0]["VpcId"])["GroupId"]
        balancer = elb.create_load_balancer(Name="shared", Type="application", SecurityGroups=[group],
                                            Subnets=[subnet["SubnetId"] for subnet in subnets[:2]])["LoadBalancers"][0]

        def says(text):
            return [{"Type": "fixed-response", "FixedResponseConfig": {
                "StatusCode": "200", "ContentType": "application/json", "MessageBody": json.dumps({"name": text})}}]
        listener = elb.create_listener(LoadBalancerArn=balancer["LoadBalancerArn"], Port=port, Protocol="HTTP",
                                       DefaultActions=says("nobody"))["Listeners"][0]["ListenerArn"]
        elb.create_rule(ListenerArn=listener, Priority=5, Actions=says("theirs"),
                        Conditions=[{"Field": "path-pattern", "Values": ["/theirs"]}])
        return listener

    def test_an_existing_listener_is_shared_and_left_alone(self):
        port = free_port()
        listener = self.make_shared(port)
        directory = os.path.join(self.engine.home, "shop")
        os.mkdir(directory)
        text = {"x-aws-loadbalancer": "shared", "x-aws-listener": {str(port): listener}, "services": {"web": {
            "image": "timestamper:latest", "entrypoint": ["python3", "-u", "-c"], "command": [SERVER],
            "environment": {"NAME": "web"}, "ports": [f"{port}:8080"], "x-aws-ingress": {"paths": ["/mine/*"]}}}}
        with open(os.path.join(directory, "compose.yaml"), "w", encoding="utf-8") as file:
            json.dump(text, file)

        def name_at(path):
            connection = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
            connection.request("GET", path)
            name = json.loads(connection.getresponse().read())["name"]
            connection.close()
            return name
        told = self.engine.run("compose", "up", cwd=directory)
        self.assertIn("using load balancer shared", told.stderr)
        self.assertIn("web  http://", told.stdout)
        self.assertEqual([name_at(path) for path in ("/mine/x", "/theirs", "/")], ["web", "theirs", "nobody"])
        self.engine.run("compose", "down", cwd=directory)
        self.assertEqual([name_at(path) for path in ("/mine/x", "/theirs", "/")], ["nobody", "theirs", "nobody"])

    def test_the_search_domain_is_written_where_it_is_asked_for(self):
        """For resolvers that do not read LOCALDOMAIN: the containers of a task share one resolv.conf."""
        directory = os.path.join(self.engine.home, "shop")
        os.mkdir(directory)
        text = {"name": "shop", "x-aws-discovery": {"search": "container"}, "x-aws-init_image": "timestamper:latest",
                "services": {"web": {"image": "timestamper:latest", "entrypoint": ["sleep", "1000"]}}}
        with open(os.path.join(directory, "compose.yaml"), "w", encoding="utf-8") as file:
            json.dump(text, file)
        self.engine.run("compose", "up", cwd=directory)
        web = self.engine.containers("label=com.docker.ecs.container=web", everything=False)[0]
        searched = [line for line in docker("exec", web, "cat", "/etc/resolv.conf").splitlines() if line.startswith("search")]
        self.assertTrue(searched[-1].startswith("search shop.local"), searched)
