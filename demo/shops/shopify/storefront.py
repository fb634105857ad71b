from demo.shops.woocommerce.web import html


def respond(shop, request):
    return html("<h1>Presto</h1>", 404)
