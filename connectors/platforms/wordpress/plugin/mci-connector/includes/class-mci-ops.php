<?php
/**
 * What MCI may ask.
 *
 * @package MCI_Connector
 */

defined( 'ABSPATH' ) || exit;

/**
 * Each op of the protocol, with who does it.
 */
class MCI_Ops {

	const WRITES = array( 'tell_order', 'stock', 'prices', 'publish', 'unpublish', 'unpair' );

	/**
	 * The parts of the plugin.
	 *
	 * @var MCI_Plugin
	 */
	private $plugin;

	/**
	 * Constructor.
	 *
	 * @param MCI_Plugin $plugin The parts of the plugin.
	 */
	public function __construct( MCI_Plugin $plugin ) {
		$this->plugin = $plugin;
	}

	/**
	 * Whether an op changes something.
	 *
	 * @param string $op The op.
	 * @return bool
	 */
	public function writes( $op ) {
		return in_array( $op, self::WRITES, true );
	}

	/**
	 * Does what is asked.
	 *
	 * @param MCI_Call $call The call.
	 * @return array<string,mixed>
	 * @throws MCI_Refusal What cannot be done.
	 */
	public function run( MCI_Call $call ) {
		switch ( $call->op ) {
			case 'about':
				return $this->about();
			case 'orders_since':
				return ( new MCI_Orders() )->since( $call->time( 'since' ), $call->number( 'after_id' ), $call->number( 'limit', 1, 100 ) );
			case 'orders_seen':
				return ( new MCI_Orders() )->seen( $call->time( 'placed_since' ), $call->number( 'after_id' ), $call->number( 'limit', 1, 500 ) );
			case 'order':
				return ( new MCI_Orders() )->one( $call->number( 'id', 1 ) );
			case 'tell_order':
				return ( new MCI_Tell_Order() )->tell( $call );
			case 'products':
				return ( new MCI_Products() )->page( $call->number( 'after_id' ), $call->number( 'limit', 1, 100 ) );
			case 'stock':
				return ( new MCI_Levels() )->stock( $call->rows( 'levels', 100 ) );
			case 'prices':
				return ( new MCI_Levels() )->prices( $call->rows( 'levels', 100 ) );
			case 'publish':
				return ( new MCI_Publish( $this->plugin->images() ) )->publish( $call->rows( 'products', 10 ) );
			case 'unpublish':
				return ( new MCI_Publish( $this->plugin->images() ) )->unpublish( $call->rows( 'ids', 100 ) );
			case 'unpair':
				$this->plugin->pairing()->unpair( 'mci' );
				return array( 'ok' => true );
		}
		throw new MCI_Refusal( 404, 'unknown_op' );
	}

	/**
	 * What the shop says of itself, and how the talk goes.
	 *
	 * @return array<string,mixed>
	 */
	private function about() {
		$store  = $this->plugin->store();
		$counts = $this->plugin->queue()->counts();
		$last   = (int) $store->state( 'last_event_at', 0 );
		return $this->plugin->about()->shop() + array(
			'install'        => $store->install_id(),
			'time'           => MCI_Message::time( time() ),
			'queue'          => array(
				'waiting' => $counts['waiting'],
				'failed'  => $counts['failed'],
				'oldest'  => $counts['oldest'] ? MCI_Message::time( $counts['oldest'] ) : null,
				'stopped' => (string) $store->state( 'stopped' ),
			),
			'paired_at'      => MCI_Message::time( (int) $store->pairing( 'paired_at', 0 ) ),
			'last_event_at'  => $last ? MCI_Message::time( $last ) : null,
			'images_waiting' => $this->plugin->images()->waiting(),
			'runner'         => $this->plugin->waker()->runner(),
		);
	}
}
