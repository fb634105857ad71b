<?php
/**
 * The events go out.
 *
 * @package MCI_Connector
 */

defined( 'ABSPATH' ) || exit;

/**
 * Sends what is due, one after the other, each built from the order as it is now.
 */
class MCI_Sender {

	/**
	 * Seconds after which a run begins no further message: queue runners have 30.
	 */
	const BUDGET = 20;

	/**
	 * So many messages in a row without an answer mean that MCI is away.
	 */
	const PATIENCE = 2;

	/**
	 * The pairing.
	 *
	 * @var MCI_Pairing_Store
	 */
	private $store;

	/**
	 * What to send.
	 *
	 * @var MCI_Queue
	 */
	private $queue;

	/**
	 * Whom to.
	 *
	 * @var MCI_Portal
	 */
	private $portal;

	/**
	 * Reads orders.
	 *
	 * @var MCI_Order_Json
	 */
	private $orders;

	/**
	 * Constructor.
	 *
	 * @param MCI_Pairing_Store $store  The pairing.
	 * @param MCI_Queue         $queue  What to send.
	 * @param MCI_Portal        $portal Whom to.
	 * @param MCI_Order_Json    $orders Reads orders.
	 */
	public function __construct( MCI_Pairing_Store $store, MCI_Queue $queue, MCI_Portal $portal, MCI_Order_Json $orders ) {
		$this->store  = $store;
		$this->queue  = $queue;
		$this->portal = $portal;
		$this->orders = $orders;
	}

	/**
	 * Sends what is due.
	 *
	 * @return int How many messages were taken.
	 */
	public function run() {
		$begun = time();
		$taken = 0;
		$away  = 0;
		while ( time() - $begun < self::BUDGET && $this->store->is_paired() && '' === $this->store->state( 'stopped' ) ) {
			$row = $this->queue->next( time() );
			if ( null === $row ) {
				break;
			}
			$verdict = $this->tell( $row );
			$this->queue->settle( $row, $verdict, time() );
			if ( MCI_Verdict::TAKEN === $verdict->kind ) {
				if ( 0 === $taken ) {
					$this->queue->hurry( time() );
				}
				++$taken;
				$away = 0;
			} elseif ( MCI_Verdict::STOP === $verdict->kind ) {
				$this->store->set_state( array( 'stopped' => $verdict->reason ) );
			} elseif ( $verdict->is_away() && ++$away >= self::PATIENCE ) {
				$this->queue->put_off( $row, $verdict, time() );
				break;
			}
		}
		if ( $taken > 0 ) {
			$this->store->set_state( array( 'last_event_at' => time() ) );
		}
		return $taken;
	}

	/**
	 * Says at once, and once only, that the shop ends the pairing.
	 *
	 * @return bool Whether MCI heard it.
	 */
	public function say_unpaired() {
		$verdict = $this->portal->send( MCI_Message::event( MCI_Message::UNPAIRED, time() ), wp_generate_uuid4() );
		return MCI_Verdict::TAKEN === $verdict->kind;
	}

	/**
	 * Sends one event.
	 *
	 * @param array<string,mixed> $row As the queue gave it.
	 * @return MCI_Verdict
	 */
	private function tell( array $row ) {
		$alone = MCI_Message::event( MCI_Message::UPDATED, $row['noted_at'], array( 'id' => $row['order_id'] ) );
		try {
			$event = $this->event( $row );
		} catch ( Throwable $error ) {
			// Another plugin may break the reading of one order: MCI hears of it, asks for it later, and the others go on.
			wc_get_logger()->error(
				sprintf( 'Order %d could not be read: %s in %s:%d', $row['order_id'], get_class( $error ), basename( $error->getFile() ), $error->getLine() ),
				array( 'source' => 'mci-connector' )
			);
			$event = $alone;
		}
		if ( null === $event ) {
			return new MCI_Verdict( MCI_Verdict::TAKEN );
		}
		$verdict = $this->portal->send( $event, $row['message'] );
		if ( MCI_Verdict::GIVE_UP === $verdict->kind && isset( $event['order'] ) ) {
			return $this->portal->send( $alone, $row['message'] ); // Too large for a message: MCI asks for it.
		}
		return $verdict;
	}

	/**
	 * The event as the order is now.
	 *
	 * @param array<string,mixed> $row As the queue gave it.
	 * @return array<string,mixed>|null Null: there is nothing to say.
	 */
	private function event( array $row ) {
		if ( MCI_Message::PING === $row['topic'] ) {
			return MCI_Message::event( MCI_Message::PING, $row['noted_at'] );
		}
		$order = MCI_Message::DELETED === $row['topic'] ? null : $this->orders->read( $row['order_id'] );
		if ( null === $order || 'trash' === $order['status'] ) {
			return MCI_Message::event( MCI_Message::DELETED, $row['noted_at'], array( 'id' => $row['order_id'] ) );
		}
		if ( in_array( $order['status'], MCI_Message::DRAFTS, true ) ) {
			return null;
		}
		return MCI_Message::event( MCI_Message::UPDATED, $row['noted_at'], array( 'order' => $order ) );
	}
}
